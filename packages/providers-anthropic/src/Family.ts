/**
 * What a family of models takes and refuses. Sources: platform.claude.com/docs/en/about-claude/models/overview (longest
 * answers), …/docs/en/build-with-claude/extended-thinking and …/adaptive-thinking (budgets and effort); that the newest
 * models refuse sampling under either API version is reported by LiteLLM's and others' users.
 */

export interface Family {
  /** The longest answer that is asked for where the request does not say, in tokens; the wire wants one. */
  readonly maxTokens: number
  /** Whether it takes temperature, top_p and top_k; `one`: not temperature and top_p together. */
  readonly sampling: "all" | "one" | "none"
  /** How it is asked to think: by a number of tokens, by a word, or not at all. */
  readonly thinking: "budget" | "effort" | "none"
}

const families: ReadonlyArray<readonly [RegExp, Family]> = [
  [/claude-(2|instant)/, { maxTokens: 4096, sampling: "all", thinking: "none" }],
  [/claude-3-5/, { maxTokens: 8192, sampling: "all", thinking: "none" }],
  [/claude-3-7/, { maxTokens: 16_384, sampling: "all", thinking: "budget" }],
  [/claude-3-/, { maxTokens: 4096, sampling: "all", thinking: "none" }],
  [
    /opus-4-([7-9]|\d\d)(?!\d)|(sonnet|haiku)-4-[7-9]|(opus|sonnet|haiku)-[5-9](?!\d)|fable|mythos/,
    { maxTokens: 16_384, sampling: "none", thinking: "effort" }
  ],
  [/(opus|sonnet|haiku)-4-6/, { maxTokens: 16_384, sampling: "one", thinking: "effort" }],
  [/opus-4-1(?!\d)|(opus|sonnet|haiku)-4-5/, { maxTokens: 16_384, sampling: "one", thinking: "budget" }],
  [/(opus|sonnet|haiku)-4/, { maxTokens: 16_384, sampling: "all", thinking: "budget" }]
]

/** An unknown model is taken for one of the newest. */
const newest: Family = { maxTokens: 16_384, sampling: "none", thinking: "effort" }

/** By the model's name, also where a cloud puts words around it. */
export const familyOf = (model: string): Family => families.find(([name]) => name.test(model))?.[1] ?? newest
