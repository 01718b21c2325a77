/** From what `effect/ai` asks of a provider to our request. */
import type { ChatRequest, Sampling } from "@consortium/core/ChatModel"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Schema from "effect/Schema"
import { type Languages, Tools } from "./effectAi.js"
import { fromPrompt, Unsupported } from "./fromPrompt.js"

const plain = (schema: object): Schema.Json => JSON.parse(JSON.stringify(schema))

/** The name in a reference (RFC 6901). */
const keyOf = (ref: string): string =>
  decodeURIComponent(ref.slice(ref.lastIndexOf("/") + 1))
    .replaceAll("~1", "/")
    .replaceAll("~0", "~")

/**
 * Closed objects, as vendors that keep to schemas want them; `effect/ai` itself leaves them open. What is named at the
 * top stands there itself: vendors want no reference for the whole.
 */
const closed: Languages.CodecTransformer = (codec) => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(codec, { onExcessProperty: "error" })
  const root = typeof schema.$ref === "string" ? (definitions[keyOf(schema.$ref)] ?? schema) : schema
  return { codec, jsonSchema: { ...root, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) } }
}

const tools = (of: ReadonlyArray<Tools.Any>) =>
  of.map((tool) => {
    if (Tools.isProviderDefined(tool)) throw new Unsupported(`the provider's own tool ${tool.name}`)
    const description = Tools.getDescription(tool)
    const parameters = plain(Tools.getJsonSchema(tool, { transformer: closed }))
    return { name: tool.name, parameters, ...(description !== undefined && { description }) }
  })

/** Of several named tools only those are offered, so that the mode is all that is left to say. */
const choice = (of: Languages.ToolChoice<string>): NonNullable<ChatRequest["toolChoice"]> => {
  if (typeof of === "string") return of
  return "tool" in of ? { name: of.tool } : (of.mode ?? "auto")
}

/** @param sampling what the other side has no words for */
export const read = (of: Languages.ProviderOptions, sampling: Sampling): ChatRequest => {
  const offered = tools(of.tools)
  const wish = choice(of.toolChoice)
  return {
    messages: fromPrompt(of.prompt),
    // `auto` is what is meant where nothing is said.
    ...(isNonEmpty(offered) && { tools: offered, ...(wish !== "auto" && { toolChoice: wish }) }),
    ...(of.responseFormat.type === "json" && {
      responseSchema: {
        name: of.responseFormat.objectName,
        schema: plain(closed(of.responseFormat.schema).jsonSchema)
      }
    }),
    ...sampling
  }
}
