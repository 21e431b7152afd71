import { expect, test, vi } from 'vitest'
import { ServiceProblem } from '../problems.js'
import type { AgentCommands } from './commands.js'
import { createPollAgain } from './poll-again.js'

/** Commands that end when the test says so. */
function stage () {
  const open: { agentId: string, deviceId: string, end: () => void, fail: (err: Error) => void }[] = []
  const run = vi.fn((agentId: string, command: { deviceId: string }) => new Promise((resolve, reject) => {
    open.push({ agentId, deviceId: command.deviceId, end: () => resolve(null), fail: reject })
  }))
  return { open, run, commands: { run } as unknown as Pick<AgentCommands, 'run'> }
}
const settle = async () => { for (let i = 0; i < 5; i++) await Promise.resolve() }

test('hundreds at once are asked eight at a time, each once', async () => {
  const s = stage()
  const ask = createPollAgain(s.commands, () => 'north')
  ask(Array.from({ length: 100 }, (_, i) => `d${i}`))
  ask(['d99', 'd100'])
  expect(s.open.length).toBe(8)
  for (let i = 0; i < 101; i++) {
    s.open[i]!.end()
    await settle()
  }
  expect(s.open.map(o => o.deviceId)).toEqual(Array.from({ length: 101 }, (_, i) => `d${i}`))
})

test('an agent that is away is asked no more; another is not held up; nobody hears of a failure', async () => {
  const s = stage()
  const ask = createPollAgain(s.commands, id => id.startsWith('n') ? 'north' : id.startsWith('s') ? 'south' : null)
  ask([...Array.from({ length: 20 }, (_, i) => `n${i}`), 's1', 'nobody'.replace('n', '?')])
  expect(s.open.filter(o => o.agentId === 'south').map(o => o.deviceId)).toEqual(['s1'])
  s.open[0]!.fail(new ServiceProblem('unavailable', 'agent_offline', 'away'))
  await settle()
  for (const o of s.open) o.end()
  await settle()
  expect(s.open.filter(o => o.agentId === 'north').length).toBe(8)
  ask(['n50'])
  expect(s.open.at(-1)!.deviceId).toBe('n50')
})
