/** Hears Hello and Bye of devices that come and go. What is heard is a hint to ask, never a fact: anybody on the network can say it. */
import { createSocket } from 'node:dgram'
import { type Announcement, ownAddresses, readAnnouncement } from './discover.js'

const group = '239.255.255.250'
/** Announcements handled a second; a storm beyond that is dropped. */
const maxPerSecond = 200

export interface Listening { close (): Promise<void> }
export interface ListenOptions {
  /** IPv4 addresses of our interfaces; all but loopback unless given. */
  interfaces?: readonly string[]
  port?: number
}

/** Rejects where the port is taken; an interface that has no multicast is left out. */
export async function listenForAnnouncements (onAnnouncement: (announcement: Announcement) => void, { interfaces = ownAddresses(), port = 3702 }: ListenOptions = {}): Promise<Listening> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  let second = 0
  let count = 0
  socket.on('message', (data, from) => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) {
      second = now
      count = 0
    }
    if (++count > maxPerSecond) return
    const announcement = readAnnouncement(data, from.address)
    if (announcement) onAnnouncement(announcement)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, group, () => { socket.off('error', reject); socket.on('error', () => {}); resolve() })
  })
  for (const address of interfaces.slice(0, 64)) {
    try { socket.addMembership(group, address) } catch { /* This interface has no multicast. */ }
  }
  return { close: () => new Promise(resolve => { socket.close(() => resolve()) }) }
}
