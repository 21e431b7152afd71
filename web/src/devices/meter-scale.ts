/** Small levels matter most, so the meter stretches them: 0 to 1 for 0 to 100 per cent. */
export const meterPlace = (percent: number) => Math.sqrt(Math.min(100, Math.max(0, percent)) / 100)
