import { describe, expect, it } from 'vitest'
import { boxOf, project, scaleBar, toScreen, viewOf, zoom } from './map-view.js'

describe('the plain map', () => {
  const points = [[24.7, 48.9], [24.8, 48.95]] as const
  it('shows everything that it was given, whatever the shape of its window', () => {
    for (const [width, height] of [[900, 500], [350, 700], [60, 60]] as const) {
      const view = viewOf(boxOf(points)!, width, height, 10)
      for (const point of points) {
        const [x, y] = toScreen(view, project(point), width, height)
        expect([x >= 9, x <= width - 9, y >= 9, y <= height - 9]).toEqual([true, true, true, true])
      }
    }
    expect(boxOf([])).toBeNull()
    expect(viewOf(boxOf([[24.7, 48.9]])!, 500, 500).scale).toBeGreaterThan(0)
  })
  it('north is up, and zooming keeps what is under the pointer', () => {
    expect(project([24.7, 49])[1]).toBeLessThan(project([24.7, 48])[1])
    const view = viewOf(boxOf(points)!, 800, 600)
    const place = project(points[1])
    const at = toScreen(view, place, 800, 600)
    const nearer = zoom(view, 0.5, at[0], at[1], 800, 600)
    expect(toScreen(nearer, place, 800, 600).map(Math.round)).toEqual(at.map(Math.round))
    expect(nearer.scale).toBeCloseTo(view.scale / 2, 12)
    expect(zoom(view, 1e9, 0, 0, 800, 600).scale).toBeLessThanOrEqual(1e-3)
  })
  it('has a scale bar of a round length', () => {
    const { metres, pixels } = scaleBar(viewOf(boxOf(points)!, 800, 600))
    expect(String(metres)).toMatch(/^[125]0*$/)
    expect(pixels).toBeGreaterThan(40)
    expect(pixels).toBeLessThan(121)
  })
})
