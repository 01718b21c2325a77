/** What is known beforehand to go wrong with a model, by its facts: refused settings, too small windows, unread pictures. */
import type { Member } from "@consortium/core/Candidates"
import type { Prompt } from "@consortium/core/Prompt"
import * as ContextWindow from "@consortium/pricing/ContextWindow"
import * as ModelFacts from "@consortium/pricing/ModelFacts"
import * as Effect from "effect/Effect"

const count = (tokens: number): string => tokens.toLocaleString("en-US")

/** A prompt longer than the model reads, or longer than its window together with what is written. */
const window = (ref: string, facts: ModelFacts.ModelFacts | undefined, input: number, output: number, what: string) =>
  Effect.map(ContextWindow.tokens(ref), (tokens) => {
    if (facts?.input !== undefined && input > facts.input)
      return [`${ref} reads at most ${count(facts.input)} tokens; ${what} has about ${count(input)}`]
    return tokens !== undefined && input + output > tokens
      ? [
          `${ref} reads and writes at most ${count(tokens)} tokens; ${what} and the answer have about ${count(input + output)}`
        ]
      : []
  })

const hasImage = ({ messages }: Prompt): boolean =>
  messages.some(({ parts }) => parts.some(({ _tag }) => _tag === "Image"))

/** What of a seat's sampling its model does not take. */
const settings = ({ model: { ref }, sampling = {} }: Member, facts: ModelFacts.ModelFacts): ReadonlyArray<string> => {
  const { maxTokens, reasoningEffort, temperature, topK, topP } = sampling
  const randomness = Object.entries({ temperature, topP, topK }).flatMap(([name, value]) =>
    value === undefined ? [] : [name]
  )
  return [
    ...(facts.temperature === false && randomness.length > 0
      ? [`${ref} takes no ${randomness.join(", ")}: refused, or left out and without effect`]
      : []),
    ...(facts.output !== undefined && maxTokens !== undefined && maxTokens > facts.output
      ? [`${ref} writes at most ${count(facts.output)} tokens; maxTokens asks for ${count(maxTokens)}`]
      : []),
    ...(facts.reasoning === false && reasoningEffort !== undefined && reasoningEffort !== "none"
      ? [`${ref} does not reason: reasoningEffort is refused, or without effect`]
      : [])
  ]
}

/** Warnings of a member's seat. @param longest in tokens, of the prompts that were looked at */
export const ofMember = Effect.fnUntraced(function* (
  member: Member,
  prompts: ReadonlyArray<Prompt>,
  longest: number
): Effect.fn.Return<ReadonlyArray<string>> {
  const { ref } = member.model
  const facts = yield* ModelFacts.of(ref)
  const long = yield* window(ref, facts, longest, member.sampling?.maxTokens ?? 0, "the longest prompt")
  if (facts === undefined) return long
  const pictures = facts.inputs.includes("image") ? 0 : prompts.filter(hasImage).length
  return [
    ...settings(member, facts),
    ...long,
    ...(pictures > 0 ? [`${ref} reads no pictures; ${pictures} of ${prompts.length} prompts have some`] : [])
  ]
})

/** Warnings of a judge. @param sheet tokens of what it is shown, with the longest task that was looked at */
export const ofJudge = Effect.fnUntraced(function* (
  ref: string,
  sheet: number
): Effect.fn.Return<ReadonlyArray<string>> {
  return yield* window(ref, yield* ModelFacts.of(ref), sheet, 0, "what it is shown to judge")
})
