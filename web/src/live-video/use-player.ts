import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createPlayer, type Player, type PlayerStatus } from './player.js'
import { type PictureState, pictureState } from './stale.js'

/** Ages on tiles are looked at this often, ms: a frozen picture is marked within a quarter of a second after its limit. */
const LOOK_MS = 250
const lookers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
function subscribe (look: () => void) {
  lookers.add(look)
  timer ??= setInterval(() => { for (const l of lookers) l() }, LOOK_MS)
  return () => { lookers.delete(look); if (lookers.size === 0) { clearInterval(timer); timer = undefined } }
}

/** What a tile renders; it changes only when something a person could see changes. */
export interface Picture {
  state: PictureState
  mode: 'all' | 'keyframes'
  /** Why there are key frames only. */
  slow: 'machine' | 'line' | null
  transcoded: boolean
  /** Parts of the picture are hidden from this person. */
  masked: boolean
  hasAudio: boolean
  retryAt: number | null
  decoder: 'webcodecs' | 'mse' | null
}
/** Whole seconds, so that equal texts are equal pictures. */
const rounded = (ms: number) => Math.floor(ms / 1000) * 1000

function pictureOf (s: PlayerStatus): Picture {
  const state = pictureState({ ...s, wallNow: Date.now(), monotonicNow: performance.now() })
  return {
    state: 'ageMs' in state && state.ageMs !== null ? { ...state, ageMs: rounded(state.ageMs) } as PictureState : state,
    mode: s.mode, slow: s.mode === 'all' || s.modeReason === 'asked' ? null : s.modeReason === 'slow_viewer' ? 'line' : 'machine', transcoded: s.info?.transcoded ?? false, masked: s.info?.masked ?? false, hasAudio: s.info?.audioCodec != null, retryAt: s.retryAt, decoder: s.decoder
  }
}

export interface PlayerUse { deviceId: string, profile: 'main' | 'sub', focused: boolean, sound: boolean }
/** Plays into the canvas (or video) under `frame` while it can be seen. */
export function usePlayer ({ deviceId, profile, focused, sound }: PlayerUse) {
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const player = useRef<Player | null>(null)
  const shown = useRef<{ text: string, picture: Picture } | null>(null)
  const [, rerender] = useState(0)

  useEffect(() => {
    if (!canvas.current || !video.current || !frame.current) return
    const made = createPlayer({ deviceId, profile, focused, canvas: canvas.current, video: video.current, onChange: () => rerender(n => n + 1) })
    player.current = made
    let inView = false
    const update = () => made.setVisible(inView && !document.hidden)
    const observer = new IntersectionObserver(entries => { inView = entries.at(-1)!.isIntersecting; update() })
    observer.observe(frame.current)
    document.addEventListener('visibilitychange', update)
    return () => {
      observer.disconnect()
      document.removeEventListener('visibilitychange', update)
      made.close()
      player.current = null
    }
  }, [deviceId, profile, focused])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new player starts silent and must be told again
  useEffect(() => { player.current?.setSound(sound) }, [sound, deviceId, profile, focused])

  const read = () => {
    const picture: Picture = player.current ? pictureOf(player.current.status()) : { state: { show: 'connecting' }, mode: 'all', slow: null, transcoded: false, masked: false, hasAudio: false, retryAt: null, decoder: null }
    const text = JSON.stringify(picture)
    if (shown.current?.text !== text) shown.current = { text, picture }
    return shown.current!.picture
  }
  const picture = useSyncExternalStore(subscribe, read)
  const stale = picture.state.show === 'stale'
  useEffect(() => { if (stale && canvas.current) greyOut(canvas.current) }, [stale])
  return { frame, canvas, video, picture }
}

/** Takes the colour out of the picture on the canvas, once; the next frame paints over it. */
function greyOut (canvas: HTMLCanvasElement) {
  const context = canvas.getContext('2d')
  if (!context) return
  context.save()
  context.globalCompositeOperation = 'saturation'
  context.fillStyle = '#808080'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.restore()
}
