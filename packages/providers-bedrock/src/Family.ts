/**
 * What the models' families take of Converse, found by the model's name. Sources, read on 2026-11-29: the types of
 * @aws-sdk/client-bedrock-runtime 3.1164 (forced tools, results' status, times to live); docs.aws.amazon.com/bedrock/latest/userguide:
 * structured-output (models with `textFormat`), prompt-caching (models and places), model-parameters-mistral-chat-completion;
 * docs.aws.amazon.com/nova/latest/userguide (topK, reasoning); the source of @ai-sdk/amazon-bedrock 5.0 (efforts of
 * OpenAI's and Amazon's models, what OpenAI's refuse, Mistral's ids, with which Claudes formats are reliable).
 */
import { type Family as Claude, familyOf as claudeOf } from "@consortium/providers-anthropic/Family"

/** The fields that a model may refuse; such a field is not sent. */
export type Droppable = "temperature" | "topP" | "stop"

export interface Family {
  /** What Anthropic's own wire takes of it, where it is one of Claude's: asked for in the same fields. */
  readonly claude: Claude | undefined
  readonly drops: ReadonlyArray<Droppable>
  /** Where top-k goes among the additional fields; nowhere else is one. */
  readonly topK: "top_k" | "inferenceConfig" | "none"
  /** How it is asked to think: as Claude, or by one of these additional fields. */
  readonly effort: "claude" | "reasoning_effort" | "reasoning" | "reasoningConfig" | "none"
  /** How an answer in a schema is asked for: by the output's format, as the input of a tool that has to be called, or in words. */
  readonly schema: "format" | "tool" | "words"
  /** Whether it can be made to call one tool, any tool, or none. */
  readonly forces: "tool" | "any" | "none"
  /** Where it takes cache points; `all` also behind tools. */
  readonly cache: "all" | "messages" | "none"
  /** Whether it keeps a prompt for an hour; else for minutes. */
  readonly cachesHour: boolean
  /** Whether a tool's result may say that it is an error. */
  readonly resultStatus: boolean
  /** Ids of calls that it takes: any, or nine letters and digits. */
  readonly callIds: "any" | "nine"
}

const plain: Family = {
  claude: undefined,
  drops: [],
  topK: "none",
  effort: "none",
  schema: "words",
  forces: "none",
  cache: "none",
  cachesHour: false,
  resultStatus: false,
  callIds: "any"
}
const formatted: Family = { ...plain, schema: "format" }
const nova: Family = {
  ...plain,
  topK: "inferenceConfig",
  schema: "tool",
  forces: "tool",
  cache: "messages",
  resultStatus: true
}
const mistral: Family = { ...plain, schema: "tool", forces: "any", callIds: "nine" }

/** The first that fits counts; names may have a region's word before them, or stand in an ARN. */
const families: ReadonlyArray<readonly [RegExp, Family]> = [
  [/amazon\.nova-2/, { ...nova, effort: "reasoningConfig" }],
  [/amazon\.nova/, nova],
  [/openai\.gpt-oss/, { ...formatted, drops: ["stop"], effort: "reasoning_effort" }],
  [/openai\./, { ...formatted, drops: ["temperature", "topP", "stop"], effort: "reasoning" }],
  [/mistral\.(ministral|magistral|voxtral|mistral-large-3)/, { ...mistral, schema: "format" }],
  [/mistral\./, mistral],
  [/(qwen\.qwen3|google\.gemma|nvidia\.nemotron|minimax\.|moonshot(ai)?\.kimi|deepseek\.v3)/, formatted]
]

/** Where AWS lists the format and it proved reliable; elsewhere a tool has to be called. */
const hasFormat = /(sonnet|opus)-4-5|opus-4-6/

/** The older ones take no cache points, those after them none for an hour. */
const cachesNot = /claude-(2|instant|3-(haiku|sonnet|opus)|3-5-sonnet-20240620)/
const cachesMinutes = /claude-3|(sonnet|opus)-4-(2025|[01](?!\d))/

const ofClaude = (model: string): Family => {
  const claude = claudeOf(model)
  const forced = claude.forcedTool ? "tool" : "none"
  return {
    ...plain,
    claude,
    topK: "top_k",
    effort: "claude",
    schema: hasFormat.test(model) ? "format" : claude.forcedTool ? "tool" : "words",
    forces: forced,
    cache: cachesNot.test(model) ? "none" : "all",
    cachesHour: !cachesMinutes.test(model),
    resultStatus: true
  }
}

/** The family of a model, an inference profile or an ARN; one whose name says nothing is asked in words. */
export const familyOf = (model: string): Family =>
  model.includes("claude") ? ofClaude(model) : (families.find(([name]) => name.test(model))?.[1] ?? plain)
