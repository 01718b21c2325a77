/**
 * Several models answer one question, judges who do not know the authors rank the answers, and the best comes back with
 * its proof: as soon as enough have answered and the winner is certain.
 */
import type { Member } from "@consortium/core/Candidates"
import type { ChatModel, ChatRequest, Sampling, Tool } from "@consortium/core/ChatModel"
import { PromptId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { type Message, message, type Prompt } from "@consortium/core/Prompt"
import type { Weighting } from "@consortium/core/Ranking"
import { hash, Seed } from "@consortium/core/Seed"
import { bySize } from "@consortium/judge-strategies/BySize"
import type { Limits } from "@consortium/middleware/Budget"
import { type Lanes, makeLanes } from "@consortium/middleware/Lane"
import type { ChatOptions } from "@consortium/middleware/Stack"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Answer } from "./Answer.js"
import type { ConsortiumError } from "./ConsortiumError.js"
import type { ConsortiumEvent } from "./ConsortiumEvent.js"
import type { Grace } from "./internal/gather.js"
import * as internal from "./internal/answer.js"
import { textOf, wantedOf } from "./internal/wanted.js"

/**
 * `best`: judges rank all answers. `fuse`: besides, one that is made of the others, which has to win the same blind
 * ranking. `vote`: the answer that most give, for short ones. `cascade`: the first member alone, and everyone only
 * where its answer is not accepted. `first`: whoever is quickest.
 */
export type Mode = "best" | "fuse" | "vote" | "cascade" | "first"

/** A judge by its model, or as it is. */
export type JudgeSeat =
  | { readonly model: ChatModel; readonly strategy?: (model: ChatModel) => Judge }
  | { readonly judge: Judge }

export interface Options {
  /** Each with its own id; for a cascade the cheapest first. */
  readonly members: NonEmpty<Member>
  /** Who ranks; `vote` and `first` ask none. */
  readonly judges: NonEmpty<JudgeSeat>
  /** @default "best" */
  readonly mode?: Mode
  /** Good answers after which the others have a grace. @default all but one of three members or more, else all */
  readonly enough?: number
  /** How long those still may take. @default a tenth of the time so far */
  readonly grace?: Grace
  /** After this the best answer known is given, judged or not. @default none */
  readonly deadline?: Duration.Input
  /** The certainty at which judges stop. @default 0.75 */
  readonly stopAt?: number
  readonly weighting?: Weighting
  /** Rules that an answer has to pass before judges see it. @default that there is text */
  readonly checks?: ReadonlyArray<CheckRule>
  /** Whether a cascade's first answer will do; fails to `false`. @default it passes the checks, where there are some */
  readonly accept?: (text: string, prompt: Prompt) => Effect.Effect<boolean>
  /** Tools that members may ask to have called; judges compare such calls like texts. @default none */
  readonly tools?: NonEmpty<Tool>
  /** @default the vendors' own, which is mostly "auto" */
  readonly toolChoice?: ChatRequest["toolChoice"]
  /** Said in every member's request, over the member's own; not its vendor's fields. @default each member's own */
  readonly sampling?: Omit<Sampling, "providerOptions">
  /** Asks for answers in this JSON Schema; those that are none are out before judges see them. @default texts */
  readonly responseSchema?: NonNullable<ChatRequest["responseSchema"]>
  /** Makes one of all answers. @default the first member's model */
  readonly fuser?: ChatModel
  /** What of a text is voted on. @default the last line, without case, blanks and a full stop */
  readonly extract?: (text: string) => string
  /** A hard limit for each question. @default none */
  readonly budget?: Pick<Limits, "usd" | "tokens" | "calls">
  /** The middleware around every model: journal, prices, timeouts. Its lanes are shared by all questions. @default hedged lanes */
  readonly stack?: Omit<ChatOptions, "budget">
  /** Of letters and orders. @default 0 */
  readonly seed?: Seed
}

/** A text, a conversation, or a prompt with an id of its own. */
export type Question = string | NonEmpty<Message> | Prompt

/** How one question differs from the others. */
export type Settings = Partial<
  Pick<
    Options,
    | "mode"
    | "deadline"
    | "budget"
    | "enough"
    | "grace"
    | "accept"
    | "checks"
    | "tools"
    | "toolChoice"
    | "sampling"
    | "responseSchema"
    | "seed"
  >
>

export interface Consortium {
  /** The best answer as text. */
  readonly ask: (question: Question, settings?: Settings) => Effect.Effect<Answer, ConsortiumError>
  /** The best answer as a value of a schema; answers that are none are out before judges see them. */
  readonly askAs: <A>(
    schema: Schema.Codec<A, unknown>,
    question: Question,
    settings?: Settings
  ) => Effect.Effect<Answer<A>, ConsortiumError>
  /** The same with everything that happens on the way; the last event is `Answered`. */
  readonly stream: (question: Question, settings?: Settings) => Stream.Stream<ConsortiumEvent, ConsortiumError>
}

const isPrompt = (question: Question): question is Prompt => typeof question === "object" && "messages" in question

/** The same words are the same question, in a journal too. */
const promptOf = (question: Question): Prompt => {
  if (isPrompt(question)) return question
  const messages: Prompt["messages"] = typeof question === "string" ? [message("user", question)] : question
  const id = hash(Seed.make(0), JSON.stringify(messages)).toString(16).padStart(8, "0")
  return { id: PromptId.make(`q-${id}`), messages }
}

const lanesOf = (options: Options): Lanes => options.stack?.lanes ?? makeLanes({ hedge: {} })

/** A consortium as a value: make it once, ask it often. Two members or judges with one id are a defect. */
export const make = (options: Options): Consortium => {
  const lanes = lanesOf(options)
  const judges = map(options.judges, (seat) => ("judge" in seat ? seat : { strategy: bySize, ...seat }))
  const world = { ...options, judges, lanes }
  return {
    ask: (question, settings = {}) => {
      const asked = { ...world, ...settings }
      return internal.answer(asked, promptOf(question), textOf(asked.responseSchema))
    },
    askAs: (schema, question, settings = {}) =>
      internal.answer({ ...world, ...settings }, promptOf(question), wantedOf(schema)),
    stream: (question, settings = {}) =>
      Stream.callback<ConsortiumEvent, ConsortiumError>((queue) =>
        internal
          .answer(
            { ...world, ...settings },
            promptOf(question),
            textOf(settings.responseSchema ?? world.responseSchema),
            (event) => void Queue.offerUnsafe(queue, event)
          )
          .pipe(
            Effect.matchEffect({
              onFailure: (error) => Queue.fail(queue, error),
              onSuccess: (answer) => {
                Queue.offerUnsafe(queue, { _tag: "Text", delta: answer.text })
                Queue.offerUnsafe(queue, { _tag: "Answered", answer })
                return Queue.end(queue)
              }
            })
          )
      )
  }
}
