/** What the makers of models say about training on their output: a few dated facts, and "unknown" for the rest. */

export interface Terms {
  /** Of the model's weights, by SPDX where it has a name there; or the terms of the service. */
  readonly licence: string
  /** Whether output may train other models, in their words made short. */
  readonly training: string
  readonly url: string
}

/** By words in the model's name. Read in 2026; what counts is the page, and your lawyer. */
const known: ReadonlyArray<readonly [name: RegExp, terms: Terms]> = [
  [
    /(?:^|\/)gpt-oss/i,
    { licence: "Apache-2.0", training: "allowed", url: "https://huggingface.co/openai/gpt-oss-120b" }
  ],
  [
    /(?:^|\/)(?:gpt-|o[1-9](?:-|$)|chatgpt)/i,
    {
      licence: "OpenAI terms of use",
      training: "not for models that compete with OpenAI",
      url: "https://openai.com/policies/row-terms-of-use/"
    }
  ],
  [
    /(?:^|\/)claude/i,
    {
      licence: "Anthropic commercial terms",
      training: "not for models that compete with Anthropic",
      url: "https://www.anthropic.com/legal/commercial-terms"
    }
  ],
  [
    /(?:^|\/)gemini/i,
    {
      licence: "Gemini API additional terms",
      training: "not for models that compete with the service",
      url: "https://ai.google.dev/gemini-api/terms"
    }
  ],
  [
    /(?:^|\/)gemma/i,
    {
      licence: "Gemma terms of use",
      training: "allowed; a model made with it may fall under the same terms",
      url: "https://ai.google.dev/gemma/terms"
    }
  ],
  [
    /(?:^|\/)deepseek-(?:r1|v3)/i,
    { licence: "MIT", training: "allowed, distillation named", url: "https://github.com/deepseek-ai/DeepSeek-R1" }
  ],
  [
    /(?:^|\/)(?:meta-)?llama-?[34]/i,
    {
      licence: "Llama community licence",
      training: 'allowed from 3.1 on, with "Llama" at the beginning of the new model\'s name',
      url: "https://www.llama.com/llama3_1/license/"
    }
  ],
  [
    /(?:^|\/)command-/i,
    {
      licence: "CC-BY-NC-4.0 with Cohere's acceptable use",
      training: "not for commercial use",
      url: "https://docs.cohere.com/docs/c4ai-acceptable-use-policy"
    }
  ]
]

/** Of a model, by its name or by `vendor/model`; nothing where it is not known. */
export const termsOf = (model: string): Terms | undefined => known.find(([name]) => name.test(model))?.[1]
