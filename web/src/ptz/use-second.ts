import { useEffect, useState } from 'react'

/** Renders again each second: for ages. */
export function useSecond () {
  const [, next] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => next(n => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
}
