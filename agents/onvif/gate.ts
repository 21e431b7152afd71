/** At most so many at once; the rest wait in order. */
export class Gate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor (private readonly limit: number) {}

  async run<T> (work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    else this.#running++
    try {
      return await work()
    } finally {
      // The place goes straight to the next in line, so that nobody slips in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
