/**
 * Where two bodies of one wire say the same, or where ours says on purpose something else: the published list. Each rule
 * is applied to the recorded body and to ours, and says why; what then still differs is a failure.
 */
import { isDeepStrictEqual } from "node:util"
import { type Fields, fields, isFields, list, text } from "./json.js"

export type Wire = "chat" | "responses" | "messages" | "generateContent" | "converse"

export interface Rule {
  readonly wires: ReadonlyArray<Wire>
  /** What is taken for equal, or is not compared. */
  readonly what: string
  readonly reason: string
  readonly apply: (body: Fields) => Fields
}

const all: ReadonlyArray<Wire> = ["chat", "responses", "messages", "generateContent", "converse"]

const without = (from: Fields, ...names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)))

/** The body with some of its field's elements changed; a field that is no array stays. */
const each =
  (field: string, change: (one: Fields) => Fields) =>
  (body: Fields): Fields => {
    const value = body[field]
    return Array.isArray(value) ? { ...body, [field]: value.map((one) => (isFields(one) ? change(one) : one)) } : body
  }

const renamed =
  (from: string, to: string) =>
  (body: Fields): Fields =>
    from in body && !(to in body) ? { ...without(body, from), [to]: body[from] } : body

/** JSON that is the user's own, where each null and name counts. */
const foreign = [
  "parameters",
  "parametersJsonSchema",
  "schema",
  "inputSchema",
  "input_schema",
  "input",
  "args",
  "response",
  "arguments"
]

const walked = (value: unknown, change: (one: Fields) => Fields): unknown => {
  if (Array.isArray(value)) return value.map((one) => walked(one, change))
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(change(value)).map(([name, one]) => [
      name,
      // The turns of one wire have the name that is a schema's or a call's on others.
      foreign.includes(name) && !(name === "input" && Array.isArray(one)) ? one : walked(one, change)
    ])
  )
}
const everywhere =
  (change: (one: Fields) => Fields) =>
  (body: Fields): Fields =>
    fields(walked(body, change))

const withoutNulls = (one: Fields): Fields =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null && value !== undefined))

const isBareText = (type: ReadonlyArray<string>) => (part: unknown) =>
  isFields(part) &&
  type.includes(text(part.type)) &&
  Object.keys(part).every((name) => name === "type" || name === "text")

/** Parts that are only texts, as one text. */
const asText =
  (types: ReadonlyArray<string>, field = "content", between = "\n") =>
  (said: Fields): Fields => {
    const parts = said[field]
    return Array.isArray(parts) && parts.length > 0 && parts.every(isBareText(types))
      ? { ...said, [field]: parts.map((part) => text(fields(part).text)).join(between) }
      : said
  }

const asParts = (said: Fields): Fields =>
  typeof said.content === "string" ? { ...said, content: [{ type: "text", text: said.content }] } : said

const emptyWithCalls = (said: Fields): Fields =>
  said.role === "assistant" &&
  list(said.tool_calls).length > 0 &&
  text(said.content) === "" &&
  !Array.isArray(said.content)
    ? without(said, "content")
    : said

const inTurns = (body: Fields): Fields => {
  const turns: Array<{ role: unknown; content: Array<unknown> }> = []
  for (const said of list(body.messages).map(fields)) {
    const last = turns.at(-1)
    if (last?.role === said.role) last?.content.push(...list(said.content))
    else turns.push({ role: said.role, content: [...list(said.content)] })
  }
  return { ...body, messages: turns }
}

const camel = (one: Fields): Fields =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value
    ])
  )

export const rules: ReadonlyArray<Rule> = [
  {
    wires: all,
    what: "a field that is null = no such field",
    reason: "typed clients send their empty fields; the vendors document all of these as optional",
    apply: everywhere(withoutNulls)
  },
  {
    wires: ["chat", "responses", "messages"],
    what: "`stream: false` = no `stream`",
    reason: "the wires' default",
    apply: (body) => (body.stream === false ? without(body, "stream") : body)
  },
  {
    wires: ["chat"],
    what: "`stream_options`",
    reason: "our streams always ask for their usage, and never where a vendor sends it unasked",
    apply: (body) => without(body, "stream_options")
  },
  {
    wires: ["chat"],
    what: "`n: 1` = no `n`",
    reason: "the wire's default; our request is for one answer",
    apply: (body) => (body.n === 1 ? without(body, "n") : body)
  },
  {
    wires: ["chat"],
    what: "`max_completion_tokens` = `max_tokens`",
    reason: "one word in our request; each vendor's file says which of the two it documents",
    apply: renamed("max_completion_tokens", "max_tokens")
  },
  {
    wires: ["chat"],
    what: "a stop word alone = a list of it",
    reason: "the wire takes both",
    apply: (body) => (typeof body.stop === "string" ? { ...body, stop: [body.stop] } : body)
  },
  {
    wires: ["chat", "responses"],
    what: "role `developer` = role `system`",
    reason: "one role in our request; the client spells it as the model wants it",
    apply: (body) => {
      const spelled = (said: Fields) => (said.role === "developer" ? { ...said, role: "system" } : said)
      return each("messages", spelled)(each("input", spelled)(body))
    }
  },
  {
    wires: ["chat"],
    what: "content of bare texts = their text, joined by a line's end",
    reason: "both are the same to the vendors, and not every server reads arrays",
    apply: each("messages", asText(["text"]))
  },
  {
    wires: ["chat"],
    what: "empty content beside tool calls = no content",
    reason: "null, an empty text and no field are the same there",
    apply: each("messages", emptyWithCalls)
  },
  {
    wires: ["chat"],
    what: "`index` of a tool call in an assistant's message",
    reason: "left over from a stream; requests have no such field",
    apply: each(
      "messages",
      each("tool_calls", (call) => without(call, "index"))
    )
  },
  {
    wires: ["chat"],
    what: "an assistant's `prefix: false` = no `prefix`",
    reason: "the default of the only vendor that has it",
    apply: each("messages", (said) => (said.prefix === false ? without(said, "prefix") : said))
  },
  {
    wires: ["chat"],
    what: "`reasoning_content` beside `reasoning` with the same words = `reasoning` alone",
    reason: "some clients send both names, for servers of either kind",
    apply: each("messages", (said) =>
      said.reasoning_content === said.reasoning ? without(said, "reasoning_content") : said
    )
  },
  {
    wires: ["chat"],
    what: "`thinking: enabled` beside `reasoning_effort` = the effort alone",
    reason: "an effort asks for thinking, so our client also switches it on where there is a switch",
    apply: (body) =>
      isFields(body.thinking) && body.thinking.type === "enabled" && body.reasoning_effort !== undefined
        ? without(body, "thinking")
        : body
  },
  {
    wires: ["chat"],
    what: "`detail` of a picture",
    reason: "our pictures have no such word; `auto` is the wire's default",
    apply: each(
      "messages",
      each("content", (part) =>
        isFields(part.image_url)
          ? { ...part, image_url: without(part.image_url, "detail") }
          : typeof part.image_url === "string"
            ? { ...part, image_url: { url: part.image_url } }
            : part
      )
    )
  },
  {
    wires: ["chat"],
    what: "`strict` of a function; `strict` and `description` of a schema; a name where there is none",
    reason:
      "whether a schema is enforced is the client's decision by vendor and schema; ours has a name and no description",
    apply: (body) => {
      const tools = each("tools", (tool) =>
        isFields(tool.function) ? { ...tool, function: without(tool.function, "strict") } : tool
      )(body)
      const format = tools.response_format
      return isFields(format) && isFields(format.json_schema)
        ? {
            ...tools,
            response_format: {
              ...format,
              json_schema: without({ name: "response", ...format.json_schema }, "strict", "description")
            }
          }
        : tools
    }
  },
  {
    wires: ["chat"],
    what: "`tool_choice: any` = `required`",
    reason: "two words of one vendor for the same; the second is the wire's",
    apply: (body) => (body.tool_choice === "any" ? { ...body, tool_choice: "required" } : body)
  },
  {
    wires: ["responses"],
    what: "`store`",
    reason: "our client never has anything stored at the vendor",
    apply: (body) => without(body, "store")
  },
  {
    wires: ["responses"],
    what: "`reasoning.encrypted_content` in `include`",
    reason: "our client asks for it wherever the model reasons, since nothing is stored",
    apply: (body) => {
      const more = list(body.include).filter((one) => one !== "reasoning.encrypted_content")
      return more.length > 0 ? { ...body, include: more } : without(body, "include")
    }
  },
  {
    wires: ["responses"],
    what: "an input of one text = a user's message of it; `type: message` = no `type`",
    reason: "two spellings of the wire",
    apply: (body) =>
      each("input", (item) => (item.type === "message" ? without(item, "type") : item))(
        typeof body.input === "string" ? { ...body, input: [{ role: "user", content: body.input }] } : body
      )
  },
  {
    wires: ["responses"],
    what: "content of bare texts = their text, joined by a line's end; `annotations` of a text",
    reason: "two spellings of the wire; annotations belong to answers",
    apply: each("input", (item) =>
      asText(["input_text", "output_text"])(each("content", (part) => without(part, "annotations", "logprobs"))(item))
    )
  },
  {
    wires: ["responses"],
    what: "`id` and `status` of items that are sent back",
    reason: "nothing is stored under them; only reasoning is known by what it holds",
    apply: each("input", (item) => without(item, "id", "status"))
  },
  {
    wires: ["responses"],
    what: "`detail: auto` of a picture = no `detail`",
    reason: "the wire's default",
    apply: each(
      "input",
      each("content", (part) => (part.detail === "auto" ? without(part, "detail") : part))
    )
  },
  {
    wires: ["responses"],
    what: "`strict` of a function or schema",
    reason: "enforced wherever the schema allows it",
    apply: (body) => {
      const tools = each("tools", (tool) => without(tool, "strict"))(body)
      const said = fields(tools.text)
      return isFields(said.format)
        ? { ...tools, text: { ...said, format: without(said.format, "strict", "description") } }
        : tools
    }
  },
  {
    wires: ["messages"],
    what: "a text = one block of it",
    reason: "the wire's short form",
    apply: (body) => {
      const system = typeof body.system === "string" ? { ...body, system: [{ type: "text", text: body.system }] } : body
      return each("messages", asParts)(system)
    }
  },
  {
    wires: ["messages", "converse"],
    what: "neighbours of one role = one turn",
    reason: "the vendor joins them",
    apply: inTurns
  },
  {
    wires: ["messages"],
    what: "a result of bare texts = their text, joined by a line's end",
    reason: "the wire's short form",
    apply: each("messages", each("content", asText(["text"])))
  },
  {
    wires: ["chat", "messages"],
    what: "`ttl: 5m` of a cache mark = no `ttl`",
    reason: "the default on the wires that take marks",
    apply: everywhere((one) => (one.type === "ephemeral" && one.ttl === "5m" ? without(one, "ttl") : one))
  },
  {
    wires: ["messages"],
    what: "`strict`, `eager_input_streaming` and `type: custom` of a tool; `caller` of a call",
    reason: "our tools have no such words; a caller is told in answers",
    apply: (body) =>
      each(
        "messages",
        each("content", (block) => (block.type === "tool_use" ? without(block, "caller") : block))
      )(
        each("tools", (tool) =>
          without(tool, "strict", "eager_input_streaming", ...(tool.type === "custom" ? ["type"] : []))
        )(body)
      )
  },
  {
    wires: ["generateContent"],
    what: "`snake_case` = `camelCase`",
    reason: "JSON of protocol buffers is read in both",
    apply: everywhere(camel)
  },
  {
    wires: ["generateContent"],
    what: "`parameters` = `parametersJsonSchema`, `responseSchema` = `responseJsonSchema`, types in small letters",
    reason: "two fields for a schema, of which ours are JSON Schema; the other spells types in capitals",
    apply: (body) => {
      const tools = each(
        "tools",
        each("functionDeclarations", (one) =>
          asJsonSchema(renamed("parameters", "parametersJsonSchema")(one), "parametersJsonSchema")
        )
      )(body)
      const config = tools.generationConfig
      return isFields(config)
        ? {
            ...tools,
            generationConfig: asJsonSchema(
              renamed("responseSchema", "responseJsonSchema")(config),
              "responseJsonSchema"
            )
          }
        : tools
    }
  },
  {
    wires: ["generateContent"],
    what: "the role of an instruction; an instruction of a text = a part of it",
    reason: "the vendor reads no role there",
    apply: (body) => {
      const said = body.systemInstruction
      if (!isFields(said)) return body
      const parts = list(isFields(said.parts) ? [said.parts] : said.parts)
      return { ...body, systemInstruction: { parts } }
    }
  },
  {
    wires: ["generateContent"],
    what: "`thought: false` = no `thought`",
    reason: "the default of protocol buffers",
    apply: (body) => {
      const plain = each("parts", (part) => (part.thought === false ? without(part, "thought") : part))
      const said = each("contents", plain)(body)
      return isFields(said.systemInstruction) ? { ...said, systemInstruction: plain(said.systemInstruction) } : said
    }
  },
  {
    wires: ["generateContent"],
    what: "tools in several objects = in one",
    reason: "the wire takes both",
    apply: (body) => {
      const tools = list(body.tools).map(fields)
      const declared = tools.flatMap((tool) => list(tool.functionDeclarations))
      const others = tools
        .map((tool) => without(tool, "functionDeclarations"))
        .filter((tool) => Object.keys(tool).length > 0)
      if (tools.length === 0) return without(body, "tools")
      return { ...body, tools: [...(declared.length > 0 ? [{ functionDeclarations: declared }] : []), ...others] }
    }
  },
  {
    wires: ["generateContent"],
    what: "`model` in the body; `candidateCount: 1`; `responseModalities` of text alone",
    reason: "the address names the model, and the rest is the default",
    apply: (body) => {
      const bare = without(body, "model")
      const config = bare.generationConfig
      if (!isFields(config)) return bare
      const modalities = list(config.responseModalities).map((one) => text(one).toUpperCase())
      const gone = [
        ...(config.candidateCount === 1 ? ["candidateCount"] : []),
        ...(modalities.length === 1 && modalities[0] === "TEXT" ? ["responseModalities"] : [])
      ]
      const rest = without(config, ...gone)
      return Object.keys(rest).length > 0 ? { ...bare, generationConfig: rest } : without(bare, "generationConfig")
    }
  },
  {
    wires: ["converse"],
    what: "an empty system, list of stop words or `inferenceConfig` = none",
    reason: "typed clients send their empty fields; the vendor documents all of these as optional",
    apply: (body) => {
      const inference = fields(body.inferenceConfig)
      const rest = list(inference.stopSequences).length > 0 ? inference : without(inference, "stopSequences")
      return {
        ...without(body, "inferenceConfig", ...(list(body.system).length > 0 ? [] : ["system"])),
        ...(Object.keys(rest).length > 0 && { inferenceConfig: rest })
      }
    }
  },
  {
    wires: all,
    what: "an empty list of tools = no tools",
    reason: "the wires' default",
    apply: (body) => (Array.isArray(body.tools) && body.tools.length === 0 ? without(body, "tools") : body)
  }
]

/** Types in small letters, deep in a schema. */
const small = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(small)
  if (!isFields(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === "type" && typeof value === "string" ? value.toLowerCase() : small(value)
    ])
  )
}
const asJsonSchema = (one: Fields, field: string): Fields =>
  field in one ? { ...one, [field]: small(one[field]) } : one

/** A body as it is compared, and the rules that made it so. */
export const canonical = (
  body: unknown,
  wire: Wire
): { readonly body: Fields; readonly used: ReadonlyArray<string> } => {
  let now = fields(body)
  const used: Array<string> = []
  for (const { apply, what, wires } of rules) {
    if (!wires.includes(wire)) continue
    const next = apply(now)
    if (!isDeepStrictEqual(now, next)) used.push(what)
    now = next
  }
  return { body: now, used }
}
