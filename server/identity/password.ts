/** Password rules (NIST SP 800-63B: length and a check against guessable ones, no composition rules) and argon2id. */
import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { invalidField, type ServiceProblem } from '../problems.js'

const MIN_PASSWORD_CHARACTERS = 12
/** zxcvbn's 3 of 4: "safely unguessable", over 10^8 guesses. */
export const MIN_SCORE = 3
/** OWASP password storage cheat sheet: argon2id, 19 MiB, two passes, one lane. 2 is Algorithm.Argon2id. */
const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** The same characters typed on another keyboard or composed differently are the same password. */
export const normalise = (password: string) => password.normalize('NFKC')

/** Keys of the Ukrainian and Russian layouts and what they type on a Latin one. */
const CYRILLIC = 'йцукенгшщзхїъфівыапролджєэячсмитьбю'
const LATIN = 'qwertyuiop[]]assdfghjkl;\'\'zxcvbnm,.'
const latinKeys = new Map([...CYRILLIC].map((letter, at) => [letter, LATIN[at]!] as const))
/** «пароль» is typed as gfhjkm, which every list of common passwords holds. */
const asTypedOnLatin = (text: string) => [...text.toLowerCase()].map(letter => latinKeys.get(letter) ?? letter).join('')

/** A password whose beginning is good is good; judging all of 256 characters takes half a second. */
const JUDGED_CHARACTERS = 64

let estimator: ZxcvbnFactory | undefined
function score (password: string, own: string[]) {
  // 49,000 leaked passwords are unpacked at the first use only (50 ms).
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  return estimator.check(password.slice(0, JUDGED_CHARACTERS), own).score
}

/** zxcvbn's 0 to 4, the lower of the text as it is and as the same keys type it on a Latin layout. `own` are words that its owner would think of. */
export const guessScore = (text: string, own: string[]) => Math.min(score(text, own), score(asTypedOnLatin(text), own))

export interface Owner { login: string, displayName: string }

/** Null when the password is good; otherwise what is wrong, pointing at `field`. */
export function passwordProblem (password: string, owner: Owner, field: string): ServiceProblem | null {
  const text = normalise(password)
  const folded = text.toLowerCase()
  if ([...text].length < MIN_PASSWORD_CHARACTERS) return invalidField(field, 'password_too_short', `Use at least ${MIN_PASSWORD_CHARACTERS} characters.`)
  if (folded.includes(owner.login.toLowerCase())) return invalidField(field, 'password_contains_login', 'Do not use your login inside the password.')
  const own = [owner.login, owner.displayName, ...owner.displayName.split(/\s+/), 'kalancha', 'каланча'].map(word => word.toLowerCase()).filter(word => word.length > 2)
  if (guessScore(text, own) < MIN_SCORE) {
    return invalidField(field, 'password_too_common', 'This password is common or easily guessed. Several unrelated words make a good one.')
  }
  return null
}

export const hashPassword = (password: string) => hash(normalise(password), ARGON2)

let decoy: Promise<string> | undefined
/** With no hash to compare with it works as long as otherwise, so that the time does not tell whether an account exists. */
export async function passwordFits (storedHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(32).toString('base64url'))
  const fits = await verify(storedHash ?? await decoy, normalise(password))
  return storedHash !== null && fits
}
