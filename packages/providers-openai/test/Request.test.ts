import type { ChatRequest } from "@consortium/core/ChatModel"
import { type AssistantPart, message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import { type Family, familyOf } from "../src/Family.js"
import * as Request from "../src/Request.js"
import { Draft } from "../src/Response.js"
import { response } from "./responsesSpelling.js"

const asked: ChatRequest = { messages: [message("user", "hi")] }
const plain = familyOf("gpt-4o")
const thinker = familyOf("gpt-5")
const sent = (request: Partial<ChatRequest>, family: Family = plain, stream = false) =>
  Request.body({ ...asked, ...request }, family, "m", stream)
const replayed = (...parts: [AssistantPart, ...Array<AssistantPart>]) =>
  sent({ messages: [{ role: "assistant", parts }] }, thinker).input

describe("Request", () => {
  it("is small for a small question, stores nothing, and keeps our own sample number to itself", () => {
    assert.deepStrictEqual(sent({ sample: 3 }), {
      model: "m",
      input: [{ role: "user", content: "hi" }],
      store: false
    })
  })

  it("spells every kind of message, in order", () => {
    const messages: ChatRequest["messages"] = [
      message("system", "be brief"),
      {
        role: "user",
        parts: [
          { _tag: "Text", text: "what is this?", cache: "short" },
          { _tag: "Image", source: { _tag: "Url", url: "https://pictures.test/a.png" } },
          { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAAA" } }
        ]
      },
      {
        role: "assistant",
        parts: [
          { _tag: "Text", text: "Let me look." },
          { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" },
          { _tag: "ToolCall", id: "c2", name: "look", arguments: '{"at":2}' }
        ]
      },
      {
        role: "tool",
        parts: [
          { _tag: "ToolResult", id: "c1", name: "look", text: "a cat" },
          { _tag: "ToolResult", id: "c2", text: "a dog", isError: true }
        ]
      },
      message("assistant", "a cat"),
      message("system", "be quick")
    ]
    const input = (role: string) => [
      { role, content: "be brief" },
      {
        role: "user",
        content: [
          { type: "input_text", text: "what is this?" },
          { type: "input_image", detail: "auto", image_url: "https://pictures.test/a.png" },
          { type: "input_image", detail: "auto", image_url: "data:image/png;base64,AAAA" }
        ]
      },
      { role: "assistant", content: "Let me look." },
      { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
      { type: "function_call", call_id: "c2", name: "look", arguments: '{"at":2}' },
      { type: "function_call_output", call_id: "c1", output: "a cat" },
      { type: "function_call_output", call_id: "c2", output: "a dog" },
      { role: "assistant", content: "a cat" },
      { role, content: "be quick" }
    ]
    assert.deepStrictEqual(sent({ messages }).input, input("system"))
    assert.deepStrictEqual(sent({ messages }, thinker).input, input("developer"))
  })

  const everything = {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    maxTokens: 100,
    seed: 7,
    stop: ["\n"],
    reasoningEffort: "minimal"
  } as const satisfies Partial<ChatRequest>

  it("sends what the wire has and the model takes", () => {
    const rest = { model: "m", input: [{ role: "user", content: "hi" }], max_output_tokens: 100, store: false }
    assert.deepStrictEqual(sent(everything), { ...rest, temperature: 0.5, top_p: 0.9 })
    assert.deepStrictEqual(sent(everything, thinker), {
      ...rest,
      reasoning: { effort: "minimal" },
      include: ["reasoning.encrypted_content"]
    })
    assert.deepInclude(sent({ temperature: 0, reasoningEffort: "none" }, familyOf("gpt-5.4")), {
      temperature: 0,
      reasoning: { effort: "none" }
    })
  })

  const open = { type: "object", properties: { at: { type: "string" } } }
  const closed = { ...open, required: ["at"], additionalProperties: false }

  it("spells tools and the choice of one, and says of each schema whether it is enforced", () => {
    const body = sent({
      tools: [
        { name: "look", description: "looks", parameters: open, cache: "long" },
        { name: "see", parameters: closed }
      ],
      toolChoice: { name: "look" }
    })
    assert.deepStrictEqual(body.tools, [
      { type: "function", name: "look", description: "looks", parameters: open, strict: false },
      { type: "function", name: "see", parameters: closed, strict: true }
    ])
    assert.deepStrictEqual(body.tool_choice, { type: "function", name: "look" })
    assert.strictEqual(sent({ toolChoice: "required" }).tool_choice, "required")
  })

  it("asks for a schema, by a name that the wire takes", () => {
    const body = sent({ responseSchema: { name: "a verdict, über 12", schema: closed } })
    const format = { type: "json_schema", name: "a_verdict___ber_12", schema: closed, strict: true }
    assert.deepStrictEqual(body.text, { format })
    const long = sent({ responseSchema: { name: "x".repeat(80), schema: open } })
    assert.deepStrictEqual(long.text, { format: { ...format, name: "x".repeat(64), schema: open, strict: false } })
  })

  it("gives the vendor's own options the last word, save on streaming, and adds to text and reasoning", () => {
    const providerOptions = {
      temperature: 1,
      store: true,
      prompt_cache_key: "k",
      stream: true,
      reasoning: { summary: "auto" },
      text: { verbosity: "low" }
    }
    const responseSchema = { name: "v", schema: open }
    const body = sent({ temperature: 0, reasoningEffort: "low", responseSchema, providerOptions }, thinker)
    assert.deepInclude(body, { temperature: 1, store: true, prompt_cache_key: "k", stream: false })
    assert.deepStrictEqual(body.reasoning, { effort: "low", summary: "auto" })
    assert.deepStrictEqual(body.text, {
      format: { type: "json_schema", name: "v", schema: open, strict: false },
      verbosity: "low"
    })
    assert.strictEqual(sent({}, plain, true).stream, true)
  })

  it("sends reasoning back item by item, as it came", () => {
    const signature = "gAAAAABsynthetic"
    assert.deepStrictEqual(
      replayed(
        { _tag: "Reasoning", text: "one", id: "rs_1" },
        { _tag: "Reasoning", text: "two", id: "rs_1", signature },
        { _tag: "Reasoning", text: "", id: "rs_2", signature, redacted: true },
        { _tag: "Reasoning", text: "three", signature }
      ),
      [
        {
          type: "reasoning",
          id: "rs_1",
          summary: [
            { type: "summary_text", text: "one" },
            { type: "summary_text", text: "two" }
          ],
          encrypted_content: signature
        },
        { type: "reasoning", id: "rs_2", summary: [], encrypted_content: signature },
        { type: "reasoning", summary: [{ type: "summary_text", text: "three" }], encrypted_content: signature }
      ]
    )
  })

  it("leaves out reasoning and marks of other wires, but not their words to the user", () => {
    assert.deepStrictEqual(
      replayed(
        { _tag: "Reasoning", text: "hm", signature: "c2lnbmVkIGVsc2V3aGVyZQ==" },
        { _tag: "Reasoning", text: "hm" },
        { _tag: "Text", text: "a", signature: "c2lnbmVk" },
        { _tag: "Text", text: "b", signature: "c2lnbmVk" },
        { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}", signature: "c2lnbmVk" }
      ),
      [
        {
          role: "assistant",
          content: [
            { type: "output_text", text: "a" },
            { type: "output_text", text: "b" }
          ]
        },
        { type: "function_call", call_id: "c1", name: "look", arguments: "{}" }
      ]
    )
  })

  it("sends back what a response said, save reasoning that is not encrypted", () => {
    const thought = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] }
    const encrypted = { ...thought, encrypted_content: "gAAAAx" }
    const hidden = { type: "reasoning", id: "rs_2", summary: [], encrypted_content: "gAAAAy" }
    const open = { type: "reasoning", id: "rs_3", summary: [], content: [{ type: "reasoning_text", text: "open" }] }
    const call = { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" }
    const said = (phase: string, text: string) => ({
      type: "message",
      role: "assistant",
      phase,
      content: [{ type: "output_text", text }]
    })
    const draft = new Draft()
    draft.add(
      response({
        output: [
          encrypted,
          said("commentary", "Wait."),
          { ...call, id: "fc_1" },
          hidden,
          said("final_answer", "A cat."),
          open
        ]
      })
    )
    const [first, ...more] = draft.completion("m", {}).parts
    if (first === undefined) return assert.fail("a response without parts")
    assert.deepStrictEqual(replayed(first, ...more), [
      encrypted,
      { role: "assistant", content: "Wait.", phase: "commentary" },
      call,
      hidden,
      { role: "assistant", content: "A cat.", phase: "final_answer" }
    ])
  })
})
