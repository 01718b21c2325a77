/**
 * What a family of models takes and refuses. Sources: platform.claude.com/docs/en/about-claude/models/overview (longest
 * answers), …/docs/en/build-with-claude/extended-thinking and …/adaptive-thinking (budgets, effort, models that can't stop
 * thinking), …/structured-outputs, …/mid-conversation-system-messages; @ai-sdk/anthropic 4.0 (which models refuse forced
 * calls); that the newest models refuse sampling under either API version is reported by LiteLLM's and others' users.
 */

export interface Family {
  /** The longest answer that is asked for where the request does not say, in tokens; the wire wants one. */
  readonly maxTokens: number
  /** Whether it takes temperature, top_p and top_k; `one`: not temperature and top_p together. */
  readonly sampling: "all" | "one" | "none"
  /** How it is asked to think: by a number of tokens, by a word, or not at all. */
  readonly thinking: "budget" | "effort" | "none"
  /** How it is asked not to think; one that always thinks is asked for the lowest effort. */
  readonly rest: "disabled" | "between_tools" | "low"
  /** How an answer in a schema is asked for: by the output's format, or as the input of a tool that has to be called. */
  readonly schema: "format" | "tool"
  /** Whether it can be made to call a tool. */
  readonly forcedTool: boolean
  /** Whether it listens to systems in the middle of a conversation; else they are heard before it. */
  readonly midSystem: boolean
}

const first: Family = {
  maxTokens: 4096,
  sampling: "all",
  thinking: "none",
  rest: "disabled",
  schema: "tool",
  forcedTool: true,
  midSystem: false
}
const budget: Family = { ...first, maxTokens: 16_384, thinking: "budget" }
const formatted: Family = { ...budget, sampling: "one", schema: "format" }
const adaptive: Family = { ...formatted, thinking: "effort" }
/** An unknown model is taken for one of these. */
const newest: Family = { ...adaptive, sampling: "none" }

/** The first that fits counts. */
const families: ReadonlyArray<readonly [RegExp, Family]> = [
  [/claude-3-5/, { ...first, maxTokens: 8192 }],
  [/claude-3-7/, budget],
  [/claude-(2|instant|3-)/, first],
  [/sonnet-5-5(?!\d)/, { ...newest, rest: "between_tools", forcedTool: false, midSystem: true }],
  [/(opus-5-5|(fable|mythos)-5-[12])(?!\d)/, { ...newest, rest: "low", forcedTool: false, midSystem: true }],
  [/(fable|mythos)-\d/, { ...newest, rest: "low", midSystem: true }],
  [/(opus-(4-8|5)|haiku-5-5)(?!\d)/, { ...newest, midSystem: true }],
  [/opus-4-([7-9]|\d\d)(?!\d)|(sonnet|haiku)-4-[7-9]|(opus|sonnet|haiku)-[5-9](?!\d)|fable|mythos/, newest],
  [/(opus|sonnet|haiku)-4-6/, adaptive],
  [/opus-4-1(?!\d)|(opus|sonnet|haiku)-4-5/, formatted],
  [/(opus|sonnet|haiku)-4/, budget]
]

/** By the model's name, also where a cloud puts words around it. */
export const familyOf = (model: string): Family => families.find(([name]) => name.test(model))?.[1] ?? newest
