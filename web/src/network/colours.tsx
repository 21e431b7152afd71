/** Colours of strands and tubes: as a patch and as a word, for who does not tell them apart. */
import { useTranslation } from 'react-i18next'
import type { Strand } from '../../../server/contract/plant.js'
import styles from './network.module.css'

/** As the sheaths look, not as states of this system look. */
const paints: Record<string, string> = {
  blue: '#2f6fd0', orange: '#e07a1f', green: '#2f9e44', brown: '#8a5a33', grey: '#8f989f', white: '#f1f3f5', red: '#d63939', black: '#0b0c0d', yellow: '#e8c52b', violet: '#8a52c4', pink: '#e58fb1', turquoise: '#2bb3b3'
}
type ColourName = 'blue' | 'orange' | 'green' | 'brown' | 'grey' | 'white' | 'red' | 'black' | 'yellow' | 'violet' | 'pink' | 'turquoise'

function Swatch ({ name, striped }: { name: string, striped: boolean }) {
  const paint = paints[name] ?? 'transparent'
  const stripe = name === 'black' ? '#e8c52b' : '#0b0c0d'
  return <span className={styles.swatch} style={{ background: striped ? `repeating-linear-gradient(90deg, ${paint} 0 5px, ${stripe} 5px 7px)` : paint }} aria-hidden />
}

export function StrandColour ({ colours }: { colours: Strand['colours'] }) {
  const { t } = useTranslation()
  return <span className={styles.chip}><Swatch name={colours.strand} striped={colours.striped} /><span className='ellipsis'>{t(`fibreColour.${colours.strand as ColourName}`)}{colours.striped && ` ${t('plant.striped')}`}</span></span>
}
export function TubeColour ({ colours }: { colours: Strand['colours'] }) {
  const { t } = useTranslation()
  return <span className={styles.chip}><Swatch name={colours.tube} striped={colours.tubeStriped} />{t('plant.tube', { number: colours.tubeNumber })} · {t(`fibreColour.${colours.tube as ColourName}`)}{colours.tubeStriped && ` ${t('plant.striped')}`}</span>
}
