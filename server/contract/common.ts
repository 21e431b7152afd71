import Type, { type Static, type TSchema } from 'typebox'

/** A UUIDv7 made by the application. */
export const Id = Type.String({ format: 'uuid', minLength: 36, maxLength: 36 })
/** Milliseconds since 1970-01-01T00:00:00Z. */
export const TimeMs = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })
/** A name that people read: 1 to 120 characters, not blank. */
export const Name = Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' })
export const Note = Type.String({ maxLength: 2000 })
/** An IPv4 or IPv6 address or a DNS name; never a URL. */
export const Address = Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9._:\\-]+(%[A-Za-z0-9]+)?$' })
export const TcpPort = Type.Integer({ minimum: 1, maximum: 65535 })
export const Language = Type.Enum(['uk', 'en'])
export type Language = Static<typeof Language>

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** RFC 9457 problem details. `kind` is the machine-readable name; `field` is a JSON pointer into the request. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  kind: Type.String(),
  detail: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
  /** Of an unexpected error: the number under which the server's log tells the cause. */
  instance: Type.Optional(Type.String()),
  /** `code` of one field, where the fault has a name of its own. */
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String(), code: Type.Optional(Type.String()) })))
})
export type Problem = Static<typeof Problem>

/** A page of rows; `next` is an opaque cursor for the following page, null on the last. */
export const PageOf = <T extends TSchema>(row: T) =>
  Type.Object({ items: Type.Array(row), next: Nullable(Type.String()), total: Type.Optional(Type.Integer()) })
export const PageQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 }))
})
export type PageQuery = Static<typeof PageQuery>
