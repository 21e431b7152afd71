import { Button, Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useWall } from '../live-socket.js'
import { useMay, useMe } from '../session/me.js'
import { EmptyPanel } from '../ui/feedback.js'

/** A wall without cameras: whoever may add them is led there, others learn whom to ask. */
export function NoCameras () {
  const { t } = useTranslation()
  const { user } = useMe()
  const mayAdd = useMay('device.write')
  const none = useWall(w => w.devices.size === 0)
  if (mayAdd) {
    return (
      <EmptyPanel title={t('wall.noCameras')} hint={t('wall.noCamerasAdmin')} action={
        <Group gap='xs' justify='center' mt='xs'>
          <Button component={Link} to='/admin/devices/new'>{t('wall.addOne')}</Button>
          <Button component={Link} to='/admin/import' variant='default'>{t('wall.addMany')}</Button>
          <Button component={Link} to='/admin/discovery' variant='default'>{t('wall.discover')}</Button>
        </Group>} />
    )
  }
  return <EmptyPanel title={t('wall.noCameras')} hint={!user.allGroups && !none ? t('wall.noCamerasGroups') : t('wall.noCamerasHint')} />
}
