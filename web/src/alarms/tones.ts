/** Sounds made by WebAudio, a pattern a severity, so that ears tell them apart without looking. */
import type { Severity } from '../../../server/contract/health.js'

/** Hz and seconds of each note, one after another. */
const patterns: Record<Severity, Array<[hz: number, s: number]>> = {
  critical: [[988, 0.16], [740, 0.16], [988, 0.16], [740, 0.16], [988, 0.3]],
  major: [[784, 0.18], [659, 0.3]],
  minor: [[587, 0.22]],
  warning: [[440, 0.14]]
}
let context: AudioContext | null = null

/** False while the browser waits for a first gesture of the person. */
export async function play (severity: Severity): Promise<boolean> {
  context ??= new AudioContext()
  const audio = context
  // A suspended context's resume() stays pending until a gesture: do not wait for it.
  if (audio.state !== 'running') await Promise.race([audio.resume().catch(() => {}), new Promise(done => setTimeout(done, 300))])
  if (audio.state !== 'running') return false
  let at = audio.currentTime + 0.02
  for (const [hz, length] of patterns[severity]) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.type = 'triangle'
    tone.frequency.value = hz
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(severity === 'critical' ? 0.5 : 0.3, at + 0.01)
    volume.gain.linearRampToValueAtTime(0, at + length)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + length)
    tone.onended = () => { tone.disconnect(); volume.disconnect() }
    at += length + 0.03
  }
  return true
}
