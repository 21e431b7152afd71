/**
 * Says what is wrong with the variant that was meant. A plain check of a union complains about every variant, so that a
 * switch without a name is told first that it is no camera.
 */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import Type, { type TObject, type TSchema, type TUnion } from 'typebox'
import Value from 'typebox/value'

const discriminators = ['kind', 'method'] as const

/** The schema with each union replaced by the variant that the value names; by the choice of names where it names none. */
function meantBy (schema: TSchema, value: unknown): TSchema {
  if (Type.IsUnion(schema)) return meantVariant(schema, value)
  if (!Type.IsObject(schema) || value === null || typeof value !== 'object') return schema
  const given = value as Record<string, unknown>
  const properties = Object.fromEntries(Object.entries((schema as TObject).properties).map(([key, inner]) => {
    const narrowed = meantBy(inner, given[key])
    return [key, Type.IsOptional(inner) && !Type.IsOptional(narrowed) ? Type.Optional(narrowed) : narrowed]
  }))
  return { ...schema, properties } as TSchema
}

function meantVariant (schema: TUnion, value: unknown): TSchema {
  const variants = schema.anyOf.filter(variant => !Type.IsNull(variant))
  if (value === null && variants.length < schema.anyOf.length) return schema
  if (variants.length === 1) return meantBy(variants[0]!, value)
  for (const name of discriminators) {
    const named = variants.flatMap(variant => {
      const literal = Type.IsObject(variant) ? variant.properties[name] : undefined
      return literal && Type.IsLiteral(literal) ? [{ name: String(literal.const), variant }] : []
    })
    if (named.length !== variants.length) continue
    const said = (value as Record<string, unknown> | null | undefined)?.[name]
    const variant = named.find(v => v.name === said)?.variant
    return variant ? meantBy(variant, value) : Type.Object({ [name]: Type.Enum(named.map(v => v.name)) })
  }
  return schema
}

/** `validatorCompiler` of a route whose body holds unions. */
export const variantErrors: FastifySchemaCompiler<TSchema> = route => {
  const check = TypeBoxValidatorCompiler(route)
  if (route.httpPart !== 'body') return check
  return (value: unknown) => {
    const verdict = check(value) as { error?: unknown }
    if (!verdict.error) return verdict as { value: unknown }
    const errors = Value.Errors(meantBy(route.schema, value), value)
    return { error: (errors.length > 0 ? errors : verdict.error) as FastifySchemaValidationError[] }
  }
}
