/**
 * Does a camera let in whoever uses a factory login? One login is shown once, and only in the way that the camera asks for; afterwards the camera's own login is shown, so that it
 * counts anew, and so that we notice at once when it has locked itself.
 */
import type { Clock } from '../../lib/clock.js'
import type { LoginTrial, PlanDevice } from '../../server/contract/agent-link.js'
import { factoryLogins } from '../../server/contract/factory-logins.js'
import { Authorizer, basicHeader, type Login, utf8Bytes } from '../digest/authorizer.js'
import { chooseChallenge, parseChallenges } from '../digest/challenges.js'
import { OnvifCamera, targetOf } from '../onvif/camera-control.js'
import { CameraFailure } from '../onvif/failure.js'
import { cameraHttp, type HttpAnswer } from '../onvif/http.js'
import { requests } from '../onvif/requests.js'
import { devicePath, envelope, readReply, SoapClient, type SoapTarget } from '../onvif/soap.js'
import { usernameToken } from '../onvif/username-token.js'
import { resolveStreamPaths } from '../onvif/stream-paths.js'
import { describeRtsp } from '../rtsp/client.js'
import { RtspFault } from '../rtsp/fault.js'

interface Options { signal: AbortSignal, clock: Clock }
const DEADLINE_MS = 8000
const MAX_REPLY_BYTES = 256 * 1024
/** Words with which cameras say that they let nobody in for a while (Hikvision: `<lockStatus>lock</lockStatus>`). */
const lockWords = /lock(ed|Status>\s*lock)|too many|unlockTime/i

const result = (outcome: LoginTrial['outcome'], detail = ''): LoginTrial => ({ outcome, detail })
const refusedCode = (error: unknown) => (error instanceof CameraFailure || error instanceof RtspFault) && error.code === 'authentication_failed'
const detailOf = (error: unknown) => (error instanceof CameraFailure || error instanceof RtspFault ? error.detail : 'it could not be tried').slice(0, 300)

/** How the camera answered one request: who was let in, or why not. */
function verdictOf (answer: HttpAnswer, method: string): 'accepted' | 'refused' | 'locked' {
  const text = answer.body.toString('utf8')
  try {
    readReply(answer.status, text, method)
    return 'accepted'
  } catch (error) {
    if ([423, 429].includes(answer.status) || (answer.status !== 200 && lockWords.test(text))) return 'locked'
    if (refusedCode(error)) return 'refused'
    throw error
  }
}

async function tryOnvif (target: SoapTarget, login: Login, { signal, clock }: Options): Promise<LoginTrial> {
  const stranger = { ...target, login: null }
  const { offsetMs } = await new SoapClient(stranger, { clock }).readClock({ signal, deadlineMs: DEADLINE_MS })
  const request = await requests.deviceInformation()
  const send = (security: string, authorization: string | null) => cameraHttp(stranger, {
    method: 'POST', path: devicePath, body: envelope(request, security), maxBytes: MAX_REPLY_BYTES, deadlineMs: DEADLINE_MS, signal,
    headers: { 'content-type': 'application/soap+xml; charset=utf-8', ...(authorization ? { authorization } : {}) }
  })
  // Without any login first: it costs no failed one, and shows how the camera wants to be asked.
  const asked = await send('', null)
  const open = verdictOf(asked, request.method)
  if (open !== 'refused') return result(open === 'accepted' ? 'open_to_all' : 'locked')
  const challenge = asked.status === 401 ? chooseChallenge(parseChallenges(asked.challenges)) : null
  if (challenge?.scheme === 'basic' && !target.tls) return result('failed', 'the camera offers only Basic authentication without TLS')
  const answer = challenge
    ? await send('', challenge.scheme === 'basic' ? basicHeader(login) : utf8Bytes(new Authorizer(challenge, login).header('POST', devicePath)))
    : await send(usernameToken(login, clock.now() + (offsetMs ?? 0)), null)
  return result(verdictOf(answer, request.method))
}

async function tryRtsp (device: PlanDevice, login: Login | null, { signal, clock }: Options): Promise<LoginTrial> {
  const { port, mainPath, subPath } = await resolveStreamPaths(device, { signal, clock })
  const path = mainPath ?? subPath
  if (path === null) return result('failed', 'no stream path is known')
  try {
    await describeRtsp({ host: device.address, port, path, login }, signal)
    return result('accepted')
  } catch (error) {
    if (refusedCode(error)) return result('refused')
    throw error
  }
}

/** The camera's own login after a refused one. */
async function ownStillWorks (device: PlanDevice, options: Options): Promise<boolean> {
  const { credential } = device
  if (credential?.kind !== 'password' || credential.username === '') return true
  try {
    if (device.camera!.onvif) await new OnvifCamera(targetOf(device), { clock: options.clock }).information({ signal: options.signal, deadlineMs: DEADLINE_MS })
    else return (await tryRtsp(device, credential, options)).outcome !== 'refused'
    return true
  } catch (error) {
    return !refusedCode(error)
  }
}

export async function tryLogin (device: PlanDevice, loginId: string, options: Options): Promise<LoginTrial> {
  const known = factoryLogins.find(l => l.id === loginId)
  if (!known || !device.camera) return result('failed', 'there is no such login')
  const login = { username: known.username, password: known.password }
  try {
    let done: LoginTrial
    if (device.camera.onvif) done = await tryOnvif(targetOf(device), login, options)
    else {
      const open = await tryRtsp(device, null, options)
      done = open.outcome === 'accepted' ? result('open_to_all') : await tryRtsp(device, login, options)
    }
    if (done.outcome === 'refused' && !await ownStillWorks(device, options)) return result('locked', 'the camera refused its own login after the trial')
    return done
  } catch (error) {
    return result('failed', detailOf(error))
  }
}
