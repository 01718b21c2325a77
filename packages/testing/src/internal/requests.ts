/** What the suites ask for. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import { message } from "@consortium/core/Prompt"

export const question = "What is the colour of the sky? 天空"
export const request: ChatRequest = { messages: [message("user", question)] }

/** A request of everything that a conversation with tools is made of; the words stand in no other place. */
export const conversation: ChatRequest = {
  messages: [
    message("system", "system-words"),
    message("user", "first-question"),
    {
      role: "assistant",
      parts: [{ _tag: "ToolCall", id: "call_a1", name: "look_up", arguments: '{"where":"argument-words"}' }]
    },
    { role: "tool", parts: [{ _tag: "ToolResult", id: "call_a1", name: "look_up", text: "result-words" }] },
    message("assistant", "first-answer"),
    message("user", "second-question")
  ],
  tools: [
    {
      name: "look_up",
      description: "description-words",
      parameters: { type: "object", properties: { where: { type: "string" } }, required: ["where"] }
    }
  ],
  toolChoice: "auto",
  maxTokens: 321
}
/** Its words, in the order in which they were said. */
export const spoken = [
  "system-words",
  "first-question",
  "argument-words",
  "result-words",
  "first-answer",
  "second-question"
]

/** A request for an answer in a schema. */
export const structured: ChatRequest = {
  ...request,
  responseSchema: {
    name: "sky",
    schema: {
      type: "object",
      properties: { hue_of_sky: { type: "string" } },
      required: ["hue_of_sky"],
      additionalProperties: false
    }
  }
}
