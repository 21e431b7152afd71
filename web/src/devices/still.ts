/** A camera's picture for drawing over it, with its own shape: regions are shares of the whole. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { getBlob } from '../api.js'

export function useStill (deviceId: string) {
  const still = useQuery({ queryKey: ['devices', deviceId, 'snapshot'], queryFn: ({ signal }) => getBlob(`/devices/${deviceId}/snapshot`, { signal, timeoutMs: 30_000 }), staleTime: Infinity, gcTime: 60_000, retry: false })
  return { still, picture: usePicture(still.data?.blob) }
}

function usePicture (blob: Blob | undefined) {
  const url = useMemo(() => blob && URL.createObjectURL(blob), [blob])
  const [aspect, setAspect] = useState<number>()
  useEffect(() => {
    if (!url) return
    const image = new Image()
    image.onload = () => { if (image.naturalHeight > 0) setAspect(image.naturalWidth / image.naturalHeight) }
    image.src = url
    return () => { image.onload = null; URL.revokeObjectURL(url) }
  }, [url])
  return url ? { url, aspect } : null
}
