/** Hears Hello and Bye of devices that come and go. */
import { createSocket } from 'node:dgram'
import { type Announcement, readAnnouncement } from './discover.js'

/** Announcements handled a second; a storm beyond that is dropped. */
const maxPerSecond = 200

/** Rejects where the port is taken or the group cannot be joined on `interfaceAddress`. */
export async function listenForAnnouncements (interfaceAddress: string, onAnnouncement: (announcement: Announcement) => void, port = 3702): Promise<{ close (): Promise<void> }> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  let window = 0
  let count = 0
  socket.on('message', (data, from) => {
    const second = Math.floor(performance.now() / 1000)
    if (second !== window) {
      window = second
      count = 0
    }
    if (++count > maxPerSecond) return
    const announcement = readAnnouncement(data, from.address)
    if (announcement) onAnnouncement(announcement)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, '239.255.255.250', () => {
      try {
        socket.addMembership('239.255.255.250', interfaceAddress)
        socket.off('error', reject)
        socket.on('error', () => {})
        resolve()
      } catch (error) {
        socket.close()
        reject(error)
      }
    })
  })
  return { close: () => new Promise(resolve => { socket.close(() => resolve()) }) }
}
