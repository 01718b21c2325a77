/** How both wires name a schema and say whether it is enforced. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import type * as Schema from "effect/Schema"
import * as strict from "./strict.js"

export interface Format {
  readonly name: string
  readonly schema: Schema.Json
  readonly strict: boolean
}

/** Names have at most 64 letters, digits, `_` and `-`. Enforced wherever the schema allows it: else the wire refuses it. */
export const formatOf = ({ name, schema }: NonNullable<ChatRequest["responseSchema"]>): Format & Schema.JsonObject => ({
  name: name.replace(/[^\w-]/g, "_").slice(0, 64),
  schema,
  strict: strict.allows(schema)
})
