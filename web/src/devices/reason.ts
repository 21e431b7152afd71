import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { type FailureCode, failureCodes } from '../../../server/contract/health.js'
import type { WallDevice } from '../../../server/contract/wall.js'
import { useWall } from '../live-socket.js'

const isFailure = (code: string | null): code is FailureCode => (failureCodes as readonly (string | null)[]).includes(code)
/** Why a device is not up, in a line: its own fault, or the name of what is down before it. */
export function useReason () {
  const { t } = useTranslation()
  const devices = useWall(w => w.devices)
  return useCallback((device: Pick<WallDevice, 'state' | 'reasonCode' | 'causeDeviceId'>) => {
    if (device.state === 'up') return ''
    const cause = device.causeDeviceId ? devices.get(device.causeDeviceId)?.name : undefined
    const own = isFailure(device.reasonCode) ? t(`failure.${device.reasonCode}`) : ''
    return cause ? `← ${cause}` : own
  }, [t, devices])
}
