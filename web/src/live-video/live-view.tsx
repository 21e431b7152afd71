/** A camera's picture with the truth about it: live, frozen, or why there is none. */
import { useTranslation } from 'react-i18next'
import { spanText } from '../time.js'
import styles from './live-view.module.css'
import type { Problem } from './stale.js'
import { type Picture, usePlayer } from './use-player.js'

export interface LiveViewProps { deviceId: string, profile: 'main' | 'sub', focused?: boolean, sound?: boolean }

export function LiveView ({ deviceId, profile, focused = false, sound = false }: LiveViewProps) {
  const { frame, canvas, video, picture } = usePlayer({ deviceId, profile, focused, sound })
  const { state, decoder } = picture
  const blank = state.show === 'blank' || state.show === 'connecting'
  return (
    <div ref={frame} className={styles.view} data-show={state.show} data-decoder={decoder ?? undefined} data-mode={picture.mode}>
      <canvas ref={canvas} className={styles.picture} data-hidden={blank || decoder === 'mse' || undefined} />
      <video ref={video} className={styles.picture} data-hidden={blank || decoder !== 'mse' || undefined} muted playsInline disablePictureInPicture tabIndex={-1} />
      <Truth picture={picture} />
      {sound && !picture.hasAudio && state.show === 'live' && <NoSound />}
    </div>
  )
}

function NoSound () {
  const { t } = useTranslation()
  return <span className={styles.badge} data-place='right'>{t('wall.noSound')}</span>
}

/** Texts over the picture. Nothing at all over a live one with all its frames. */
function Truth ({ picture }: { picture: Picture }) {
  const { t } = useTranslation()
  const problem = useProblemText()
  const { state } = picture
  if (state.show === 'connecting') return <div className={styles.cover}><span className={styles.spinner} aria-hidden /><span className={styles.quiet}>{t('tile.connecting')}</span></div>
  if (state.show === 'blank') {
    const [title, cause] = problem(state.problem)
    return <div className={styles.cover} role='status'><strong className={styles.title}>{title}</strong>{cause && <span className={styles.quiet}>{cause}</span>}</div>
  }
  if (state.show === 'stale') {
    const [title, cause] = state.problem ? problem(state.problem) : [null, null]
    return (
      <div className={`${styles.cover} ${styles.stale}`} role='status'>
        <strong className={styles.age}>{t('tile.stale', { age: spanText(state.ageMs) })}</strong>
        {title && <span className={styles.cause}>{cause ?? title}</span>}
      </div>
    )
  }
  return (
    <>
      {picture.mode === 'keyframes' && <span className={styles.badge} title={picture.slow === 'machine' ? t('tile.keyframesSlow') : undefined}>{t(picture.slow === 'line' ? 'tile.keyframesLine' : 'tile.keyframes')}{state.ageMs >= 2000 && ` · ${spanText(state.ageMs)}`}</span>}
      {(picture.masked || picture.transcoded) && <span className={styles.badge} data-place='low'>{picture.masked ? t('tile.masked') : t('tile.transcoded')}</span>}
    </>
  )
}

/** What is wrong, and why, in two lines. */
function useProblemText () {
  const { t } = useTranslation()
  const titles: Record<Exclude<Problem['kind'], 'stream'>, string> = {
    agent_away: t('tile.agentAway'), disabled: t('tile.disabled'), removed: t('tile.removed'), not_permitted: t('tile.notPermitted'), signed_out: t('tile.signedOut'),
    too_slow: t('tile.tooSlow'), unsupported: t('tile.unsupported'), network: t('tile.reconnecting')
  }
  return (problem: Problem): [title: string, cause: string | null] => problem.kind === 'stream'
    ? [t('tile.noSignal'), problem.code ? t(`failure.${problem.code}`) : null]
    : [titles[problem.kind], null]
}
