/** `consortium ask`: one question, the best answer on stdout, its proof on stderr. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import * as Stream from "effect/Stream"
import { Seed } from "@consortium/core/Seed"
import { type Answer, trace } from "@consortium/ensemble/Answer"
import type { Settings } from "@consortium/ensemble/Consortium"
import type { ConsortiumEvent } from "@consortium/ensemble/ConsortiumEvent"
import * as Consortium from "./Consortium.js"
import type { AskFlags } from "./internal/askFlags.js"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import { ended } from "./internal/failures.js"
import { budgetOf, named, textOf, UsageError } from "./Settings.js"

const readText = (from: string | 0): Effect.Effect<string, UsageError> =>
  Effect.try({
    try: () => readFileSync(from, "utf8"),
    catch: (cause) =>
      new UsageError({ detail: `${from}: ${cause instanceof Error ? cause.message : "cannot be read"}` })
  })

/** The words as they are, a file's, or those of standard input. */
const questionOf = Effect.fnUntraced(function* (said: string) {
  const text = said === "-" ? yield* readText(0) : said.startsWith("@") ? yield* readText(said.slice(1)) : said
  if (text.trim() === "") return yield* new UsageError({ detail: "ask something: the question is empty" })
  return text
})

/** A schema that checks what a JSON Schema says. */
const schemaOf = Effect.fnUntraced(function* (file: string) {
  const text = yield* readText(file)
  return yield* Effect.try({
    try: () => SchemaRepresentation.fromJsonSchemaDocument(JsonSchema.fromSchemaDraft2020_12(JSON.parse(text))),
    catch: (cause) =>
      new UsageError({ detail: `--schema ${file}: ${cause instanceof Error ? cause.message : "is none"}` })
  })
})

/** One live line about who is at it, on a terminal. */
const live = (isTTY: boolean) => {
  const busy = new Set<string>()
  let votes = 0
  let leader = ""
  return (event: ConsortiumEvent): void => {
    if (event._tag === "MemberStarted") busy.add(event.member)
    if (event._tag === "MemberEnded") busy.delete(event.member)
    if (event._tag === "JudgeVoted") votes++
    if (event._tag === "Leader") leader = ` · ${event.member} leads, P(best) ${event.pBest.toFixed(2)}`
    if (!isTTY) return
    const at = busy.size > 0 ? `waiting for ${[...busy].join(", ")}` : `${votes} votes${leader}`
    process.stderr.write(
      `\r\u001b[2K${event._tag === "Answered" ? "" : at.slice(0, (process.stderr.columns ?? 80) - 1)}`
    )
  }
}

/** What of an answer is data: without its ballots' inner maps. */
const asJson = ({ agreement, asked, by, judged, millis, pBest, score, text, usd, value }: Answer<unknown>) => ({
  _tag: "Answered",
  value,
  text,
  by,
  judged,
  score,
  pBest,
  agreement,
  asked,
  usd,
  millis
})

const program = Effect.fnUntraced(function* (flags: AskFlags) {
  const question = yield* questionOf(flags.question)
  const system = yield* textOf("--system", flags.system)
  const members = yield* named("member", flags.member)
  const judges = yield* named(
    "judge",
    flags.mode === "first" || flags.mode === "vote" ? [...flags.judge, members[0]] : flags.judge
  )
  const schema = flags.schema === undefined ? undefined : yield* schemaOf(flags.schema)
  const settings: Settings = {
    mode: flags.mode,
    ...(flags.deadline !== undefined && { deadline: flags.deadline * 1000 }),
    ...(flags.budget !== undefined && { budget: yield* budgetOf(flags.budget) })
  }
  const consortium = yield* Consortium.make({
    members: members as Consortium.Options["members"],
    judges: judges as Consortium.Options["judges"],
    seed: Seed.make(flags.seed ?? 0),
    ...(flags.samples !== undefined && { samples: flags.samples }),
    ...(system !== undefined && { system })
  })
  if (schema !== undefined) return yield* consortium.askAs(schema as Schema.Codec<unknown, unknown>, question, settings)
  const show = live(process.stderr.isTTY === true)
  const last = yield* consortium.stream(question, settings).pipe(
    Stream.tap((event) =>
      Effect.sync(() => {
        show(event)
        if (flags.json && event._tag !== "Answered") process.stdout.write(`${JSON.stringify(event)}\n`)
      })
    ),
    Stream.runLast
  )
  return last._tag === "Some" && last.value._tag === "Answered"
    ? last.value.answer
    : yield* Effect.die(new Error("a question ended without an answer"))
}, Effect.scoped)

/** Asks to an exit code. */
export const execute = async (flags: AskFlags, options: { readonly signal: AbortSignal }): Promise<number> => {
  const exit = await Effect.runPromiseExit(Effect.provide(program(flags), environment), { signal: options.signal })
  if (Exit.isFailure(exit)) return ended(exit.cause, flags.json)
  const answer: Answer<unknown> = exit.value
  if (flags.json) process.stdout.write(`${JSON.stringify(asJson(answer))}\n`)
  else {
    process.stdout.write(`${flags.schema === undefined ? answer.text : JSON.stringify(answer.value)}\n`)
    process.stderr.write(`${trace(answer)}\n`)
  }
  return exitCodes.done
}
