/** A small tree from hostile XML: no DOCTYPE, no entities but the five, and caps on everything. */
import { SaxesParser } from 'saxes'
import { CameraFailure } from './failure.js'

export interface XmlNode {
  /** Local name, without its prefix. */
  name: string
  /** Namespace URI, empty where none. */
  uri: string
  /** Attributes by local name. */
  attributes: Record<string, string>
  children: XmlNode[]
  /** Own text, trimmed. */
  text: string
}

export interface XmlCaps { depth: number, nodes: number, textChars: number, attributes: number }
/** The largest honest reply seen (GetProfiles of a multi-sensor camera) has about 3,000 nodes and a depth of 12. */
const defaultXmlCaps: XmlCaps = { depth: 48, nodes: 40_000, textChars: 64 * 1024, attributes: 64 }

const refuse = (what: string, code: 'protocol_error' | 'answer_too_large' = 'protocol_error') => new CameraFailure(code, `the camera's XML ${what}`)

/** Throws CameraFailure `protocol_error` or `answer_too_large`; the cost is bounded by the caps. */
export function parseXml (xml: string, caps: XmlCaps = defaultXmlCaps): XmlNode {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const stack: XmlNode[] = []
  let root: XmlNode | null = null
  let nodes = 0
  parser.on('error', () => { throw refuse('is not well-formed') })
  parser.on('doctype', () => { throw refuse('has a DOCTYPE, which is refused') })
  // Counted when a tag begins, so that a tag with endless attributes is stopped too.
  parser.on('opentagstart', () => {
    nodes++
    if (nodes > caps.nodes) throw refuse(`has more than ${caps.nodes} elements`, 'answer_too_large')
    if (stack.length >= caps.depth) throw refuse(`is nested deeper than ${caps.depth} levels`)
  })
  let attributes = 0
  parser.on('attribute', () => {
    if (++attributes > caps.attributes) throw refuse(`has an element with more than ${caps.attributes} attributes`, 'answer_too_large')
  })
  parser.on('opentag', tag => {
    attributes = 0
    const node: XmlNode = { name: tag.local, uri: tag.uri, attributes: Object.create(null), children: [], text: '' }
    for (const attribute of Object.values(tag.attributes)) node.attributes[attribute.local] = attribute.value
    stack.at(-1)?.children.push(node)
    root ??= node
    stack.push(node)
  })
  const addText = (text: string) => {
    const top = stack.at(-1)
    if (!top) return
    if (top.text.length + text.length > caps.textChars) throw refuse(`has a text longer than ${caps.textChars} characters`, 'answer_too_large')
    top.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const node = stack.pop()
    if (node) node.text = node.text.trim()
  })
  try {
    parser.write(xml).close()
  } catch (error) {
    if (error instanceof CameraFailure) throw error
    throw refuse('is not well-formed')
  }
  if (!root) throw refuse('is empty')
  return root
}

export const child = (node: XmlNode | undefined, name: string): XmlNode | undefined => node?.children.find(c => c.name === name)
export const childrenOf = (node: XmlNode | undefined, name: string): XmlNode[] => node?.children.filter(c => c.name === name) ?? []
/** The node at the end of a path of local names. */
export const at = (node: XmlNode | undefined, ...path: string[]): XmlNode | undefined => path.reduce(child, node)
export const textAt = (node: XmlNode | undefined, ...path: string[]): string => at(node, ...path)?.text ?? ''
/** A finite number, or null for anything else. */
export function numberAt (node: XmlNode | undefined, ...path: string[]): number | null {
  const text = textAt(node, ...path)
  if (!/^[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?$/.test(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}
/** xs:boolean: `true` and `1` are true. */
export const isTrue = (text: string) => text === 'true' || text === '1'

/** XML 1.0, section 2.2: what may stand in a document at all. */
const isXmlCharacter = (code: number) => code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800) || (code > 0xdfff && code !== 0xfffe && code !== 0xffff)

/** A value as XML text or attribute in plain ASCII, which node-onvif's value check lets through. What XML cannot hold is left out. */
export const escapeXml = (value: string) => Array.from(value).map(character => {
  const code = character.codePointAt(0) ?? 0
  if (!isXmlCharacter(code)) return ''
  return code < 0x20 || code > 0x7e || '<>&"\''.includes(character) ? `&#${code};` : character
}).join('')
