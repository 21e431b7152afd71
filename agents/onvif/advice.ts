import type { FailureCode } from '../../server/contract/health.js'

/** What a person can do about a failure, in one sentence each. */
const advice: Partial<Record<FailureCode, string>> = {
  address_unresolved: 'Check the spelling of the name, or enter the IP address.',
  connection_refused: 'Check the port number, and that the service is switched on in the camera\'s settings.',
  connection_timeout: 'Check the address, the cable and the power, and that no firewall stands between the agent and the camera.',
  network_unreachable: 'Check the agent\'s network: it has no route to this address.',
  connection_reset: 'The camera may be out of connections or restarting: try again in a minute.',
  authentication_failed: 'Check user name and password; create an ONVIF user on the camera where it keeps those apart; wait some minutes if the account was locked.',
  timeout: 'The camera may be overloaded or hung: try again, then restart it.',
  answered_too_slowly: 'The network path is very slow or the camera overloaded: check the link and its errors.',
  answer_too_large: 'This may not be a camera: check the address and the port.',
  protocol_error: 'Check that this port is the camera\'s ONVIF port and that ONVIF is switched on.',
  http_status: 'Check that this port is the camera\'s ONVIF port and that ONVIF is switched on.',
  tls_failed: 'Check that the port is the HTTPS port and that the pinned certificate is the camera\'s present one.',
  no_stream: 'Check the stream path, and that a video profile exists on the camera.',
  no_parameter_sets: 'The stream holds no picture parameters: restart the camera or update its firmware.',
  unsupported_codec: 'Set the camera\'s video profile to H.264 or H.265.',
  not_permitted: 'Give the user the operator level on the camera.'
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/[.\s]+$/, '')}.`

/** Cause and remedy, at most 500 characters. */
export const explain = (code: FailureCode, detail: string) => [sentence(detail || code), advice[code] ?? ''].join(' ').trim().slice(0, 500)
