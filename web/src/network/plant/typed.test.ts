import { describe, expect, it } from 'vitest'
import { routeOf, routeText, slackOf, slackText } from './typed.js'

describe('the way of a cable, typed', () => {
  it('is a point a line, latitude first, or a pasted LineString', () => {
    expect(routeOf('48.9, 24.7\n\n48,91; 24,71')).toEqual({ route: [[24.7, 48.9], [24.71, 48.91]] })
    expect(routeOf('{"type":"LineString","coordinates":[[24.7,48.9],[24.8,48.9,120]]}')).toEqual({ route: [[24.7, 48.9], [24.8, 48.9]] })
    expect(routeOf('  ')).toEqual({ route: null })
    expect(routeOf('48.9, 24.7\nhere')).toEqual({ wrongLine: 2 })
    expect(routeOf('48.9, 24.7')).toEqual({ wrongLine: 1 })
    for (const wrong of ['{', '{"coordinates":[[1]]}', '{"type":"Feature"}']) expect(routeOf(wrong)).toEqual({ wrongLine: 1 })
    const route = [[24.7, 48.9], [24.71, 48.91]] as [number, number][]
    expect(routeOf(routeText(route))).toEqual({ route })
  })
  it('has slack as metre, length and closure', () => {
    expect(slackOf('120+15@М-7\n 800,5 + 20 \n')).toEqual([{ atM: 120, lengthM: 15, node: 'М-7' }, { atM: 800.5, lengthM: 20, node: null }])
    expect(slackOf('120+15\nx')).toEqual({ wrongLine: 2 })
    expect(slackOf(slackText([{ atM: 1, lengthM: 2, nodeName: 'М 7 @ міст' }]))).toEqual([{ atM: 1, lengthM: 2, node: 'М 7 @ міст' }])
  })
})
