/** Scenes as a camera might see them, day and night, whole and with each fault at three strengths; for tests and the benchmark. By ffmpeg, as raw small pictures. */
import { spawnSync } from 'node:child_process'
import type { PictureFault } from '../../server/contract/health.js'
import { HEIGHT, PICTURE_BYTES, WIDTH } from './statistics.js'

/** Buildings, a road, trees, sky and things that move, drawn at 640x360: edges and texture of all sizes, smooth parts too. */
const layouts: string[][] = [
  ['0:0:640:150:0x9db4c8', '0:150:640:210:0x6d6a64', '30:60:120:120:0x8c6f58', '180:40:90:140:0xa9a08c', '300:80:140:100:0x77808a', '470:30:120:150:0x9a7d68', '0:250:640:110:0x4a4a4c', '50:80:20:30:0x3a4652', '90:80:20:30:0x3a4652', '200:60:18:28:0x2e3a44', '240:60:18:28:0x2e3a44', '330:100:24:30:0x313d47', '380:100:24:30:0x313d47', '490:50:20:30:0x2d3640', '540:50:20:30:0x2d3640', '0:298:640:6:0xd8d4c0', '600:120:14:130:0x3c5a34', '10:110:12:130:0x35522f'],
  ['0:0:640:90:0xb7c4cf', '0:90:640:270:0x7f7a70', '0:90:200:200:0x93785f', '440:70:200:220:0x8a8f7e', '220:120:200:110:0x5d6b74', '20:110:40:60:0x2f3943', '80:110:40:60:0x2f3943', '140:110:40:60:0x2f3943', '470:100:36:50:0x29333b', '530:100:36:50:0x29333b', '590:100:36:50:0x29333b', '260:160:40:70:0x3b2d24', '0:290:640:70:0x57534c', '310:290:20:70:0xe6e2cc', '120:230:60:30:0x7c1f1b', '420:250:70:34:0x2a4a7c'],
  ['0:0:640:360:0x5f7d4f', '0:0:640:120:0xa8c0d4', '100:60:60:200:0x4b3a2a', '60:30:140:90:0x3d6a35', '400:80:50:180:0x49382a', '360:40:130:100:0x42703a', '0:240:640:40:0xb8a888', '220:180:90:60:0x6b4d33', '560:150:50:90:0x8a8a86', '300:250:16:34:0x1e1e24', '340:248:16:36:0x7a2222', '520:255:14:30:0x23344e']
]
type Light = 'day' | 'night'
const moving = (frame: number) => `drawbox=x=${(frame * 37) % 600}:y=${255 + (frame * 13) % 40}:w=46:h=22:color=0x${(0x303030 + frame * 0x050302 & 0xffffff).toString(16).padStart(6, '0')}:t=fill`

/** Infrared at night: grey, darker, with lamps and grain. */
const lights: Record<Light, (frame: number) => string> = {
  day: frame => `eq=brightness=${(Math.sin(frame / 9) * 0.06).toFixed(3)}:contrast=${(1 + Math.cos(frame / 11) * 0.08).toFixed(3)},noise=alls=4:allf=t`,
  night: frame => `hue=s=0,eq=brightness=${(-0.22 + Math.sin(frame / 7) * 0.03).toFixed(3)}:contrast=0.75,drawbox=x=600:y=112:w=18:h=12:color=0xf4f4e8:t=fill,drawbox=x=150:y=118:w=14:h=10:color=0xf0f0e0:t=fill,noise=alls=9:allf=t`
}
/** Weak, middle and strong. */
const faultFilters: Record<Exclude<PictureFault, 'frozen'>, [string, string, string]> = {
  black: ['eq=brightness=-0.75:contrast=0.2', 'eq=brightness=-0.9:contrast=0.1', 'drawbox=t=fill:color=0x060606,noise=alls=3:allf=t'],
  overexposed: ['eq=brightness=0.5:contrast=1.0', 'eq=brightness=0.72:contrast=0.9', 'drawbox=t=fill:color=0xfcfcfc'],
  covered: ['gblur=sigma=60,eq=contrast=0.35', 'drawbox=t=fill:color=0x6a6258,noise=alls=4:allf=t', 'drawbox=t=fill:color=0x3a3632,noise=alls=2:allf=t'],
  blurred: ['gblur=sigma=3', 'gblur=sigma=6', 'gblur=sigma=12'],
  moved: ['crop=iw*0.7:ih*0.7:iw*0.3:ih*0.3,scale=640:360', 'hflip,crop=iw*0.75:ih*0.75:0:ih*0.25,scale=640:360', 'rotate=0.6:fillcolor=0x70756c,crop=iw*0.6:ih*0.6:0:0,scale=640:360'],
  noise: ['noise=alls=34:allf=t', 'noise=alls=60:allf=t', 'noise=alls=95:allf=t'],
  colour_loss: ['hue=s=0.12', 'hue=s=0.03', 'hue=s=0']
}
export const layoutCount = layouts.length

/** One picture through a camera's encoder, at about 350 kbit/s. `seed` makes grain and moving things differ. */
export function scenePicture (o: { layout: number, light: Light, frame: number, fault?: { kind: Exclude<PictureFault, 'frozen'>, strength: 0 | 1 | 2 } }): Uint8Array {
  const boxes = layouts[o.layout]!.map(b => { const [x, y, w, h, color] = b.split(':'); return `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=${color}:t=fill` })
  // Texture of walls, leaves and asphalt.
  const texture = `noise=c0s=10:c0f=u:all_seed=${1000 + o.layout},unsharp=5:5:0.6`
  const chain = [...boxes, texture, moving(o.frame), lights[o.light](o.frame), ...(o.fault ? [faultFilters[o.fault.kind][o.fault.strength]] : [])].join(',')
  const seeded = chain.replaceAll(':allf=t', `:allf=t:all_seed=${o.frame + 1}`)
  const made = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', 'color=c=0x707070:size=640x360:rate=1', '-frames:v', '1', '-vf', `format=yuv420p,${seeded}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '27', '-pix_fmt', 'yuv420p', '-f', 'h264', 'pipe:1'], { maxBuffer: 1 << 26 })
  if (made.status !== 0) throw new Error(String(made.stderr))
  const small = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'h264', '-i', 'pipe:0', '-frames:v', '1', '-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=yuv420p`, '-f', 'rawvideo', 'pipe:1'], { input: made.stdout, maxBuffer: 1 << 26 })
  if (small.stdout.length !== PICTURE_BYTES) throw new Error(String(small.stderr) || 'no picture')
  return small.stdout
}
