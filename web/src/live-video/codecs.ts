/** What this browser can decode, asked once. */
const HEVC = 'hvc1.1.6.L93.B0'

/** WebCodecs exists only in a secure context (HTTPS or localhost). */
export const hasWebCodecs = () => isSecureContext && 'VideoDecoder' in globalThis
export const mseType = (codec: string) => `${codec.startsWith('mp4a') ? 'audio' : 'video'}/mp4; codecs="${codec}"`
export const msePlays = (codec: string) => 'MediaSource' in globalThis && MediaSource.isTypeSupported(mseType(codec))

export async function webCodecsPlays (codec: string) {
  if (!hasWebCodecs()) return false
  try {
    return (await VideoDecoder.isConfigSupported({ codec })).supported === true
  } catch { return false }
}

let hevc: Promise<boolean> | null = null
/** False asks the server for a transcoded stream. */
export function playsHevc () {
  hevc ??= webCodecsPlays(HEVC).then(yes => yes || msePlays(HEVC))
  return hevc
}
