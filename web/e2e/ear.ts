/** Listens to what a page gives to the loudspeaker: the real samples, before any volume of the system. */
import type { Page } from 'playwright-core'

// Runs in the page before its own scripts; text, since the tests are compiled without the browser's types.
export const EAR = `(() => {
  const taps = new Set()
  const connect = AudioNode.prototype.connect
  const tap = (node, context) => {
    const analyser = context.createAnalyser()
    analyser.fftSize = 4096
    connect.call(node, analyser)
    taps.add({ context, analyser })
    return analyser
  }
  const mixed = new WeakMap()
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      const known = mixed.get(this.context)
      if (known) connect.call(this, known)
      else mixed.set(this.context, tap(this, this.context))
    }
    return connect.call(this, to, ...rest)
  }
  const play = HTMLMediaElement.prototype.play
  const known = new WeakSet()
  HTMLMediaElement.prototype.play = function () {
    if (this instanceof HTMLAudioElement && !known.has(this)) {
      known.add(this)
      const context = new AudioContext()
      const source = context.createMediaElementSource(this)
      tap(source, context)
      connect.call(source, context.destination)
    }
    return play.call(this)
  }
  window.__ear = () => {
    let level = 0, hz = 0
    for (const { context, analyser } of taps) {
      if (context.state !== 'running') continue
      const samples = new Float32Array(analyser.fftSize)
      analyser.getFloatTimeDomainData(samples)
      const rms = Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length)
      if (rms <= level) continue
      level = rms
      const bins = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(bins)
      hz = bins.indexOf(Math.max(...bins)) * context.sampleRate / analyser.fftSize
    }
    return { level, hz }
  }
})()`

export interface Heard {
  /** Root mean square of the last tenth of a second, 0 to 1. */
  level: number
  /** The loudest tone. */
  hz: number
}
export const listen = async (page: Page) => await page.evaluate('__ear()') as Heard
