/** From what was said to what the pipeline takes: names become the same values that a program passes by hand. */
import { basename, resolve as resolvePath } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import type { CallFailure } from "@consortium/core/Call"
import type { Member } from "@consortium/core/Candidates"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { Embedder } from "@consortium/core/Embedder"
import { MemberId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import type { JudgePrompt } from "@consortium/judge-strategies/JudgePrompt"
import { bySize } from "@consortium/judge-strategies/BySize"
import { Calibrated } from "@consortium/pipeline/Calibrate"
import { rankConfig } from "@consortium/pipeline/RankCandidates"
import { judgeIn, type JudgeSeat, type RunConfig } from "@consortium/pipeline/RunConfig"
import * as Pricing from "@consortium/pricing/Prices"
import * as Prices from "@consortium/simulated/Prices"
import type * as Scope from "effect/Scope"
import type { JudgeSpec, MemberSpec, Of } from "./Config.js"
import { checksOf } from "./internal/checks.js"
import { embeddingCacheOf } from "./internal/embeddingCache.js"
import { heldOutOf, sourceOf } from "./internal/intake.js"
import { saidOf } from "./internal/intakeSpec.js"
import { Registry, type RegistryError } from "./Registry.js"
import { type RankSettings, type Settings, UsageError } from "./Settings.js"

const decodeCalibrated = Schema.decodeUnknownEffect(Schema.fromJsonString(Calibrated))

/** What is said of members and judges. */
export type Seating = Pick<Settings, "members" | "judges" | "samples" | "system" | "judgePrompt">

type Made<A> = Effect.Effect<A, RegistryError | CallFailure, Registry | Scope.Scope>

const valueOf = <A>(of: Of<A>): Made<A> => (Effect.isEffect(of) ? of : Effect.succeed(of))

const chatOf = (model: string | Of<ChatModel>): Made<ChatModel> =>
  typeof model === "string" ? Effect.flatMap(Registry, (registry) => registry.chat(model)) : valueOf(model)

/** A second seat of one model gets a number. */
const numbered = () => {
  const seen = new Map<string, number>()
  return (name: string): string => {
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name}#${times}`
  }
}

const familyOf = (ref: string): string => ref.slice(0, Math.max(0, ref.lastIndexOf("/")) || undefined)

const isModel = (value: object): value is ChatModel => "complete" in value && "stream" in value

const memberOf = Effect.fnUntraced(function* (
  said: string | MemberSpec | Of<ChatModel>,
  settings: Seating,
  name: (ref: string) => string
) {
  const own: Partial<MemberSpec> = typeof said === "string" || Effect.isEffect(said) || isModel(said) ? {} : said
  const spec = typeof said === "string" || Effect.isEffect(said) || isModel(said) ? { model: said } : said
  const model = yield* chatOf(spec.model)
  const system = own.system ?? settings.system
  return {
    id: MemberId.make(own.id ?? name(model.ref)),
    model,
    samples: own.samples ?? settings.samples,
    family: own.family ?? familyOf(model.ref),
    ...(system !== undefined && { system }),
    ...(own.sampling !== undefined && { sampling: own.sampling })
  } satisfies Member
})

const isJudge = (value: object): value is Judge => "judge" in value
const isJudgeSpec = (value: object): value is JudgeSpec => "model" in value

const judgeOf = Effect.fnUntraced(function* (
  said: string | JudgeSpec | Of<ChatModel | Judge>,
  settings: Pick<Seating, "judgePrompt">,
  name: (ref: string) => string
) {
  const value = typeof said === "string" || isJudgeSpec(said) ? said : yield* valueOf<ChatModel | Judge>(said)
  if (typeof value !== "string" && isJudge(value)) return { judge: value } satisfies JudgeSeat
  const isBare = typeof value === "string" || isModel(value)
  const spec: Partial<JudgeSpec> = isBare ? {} : value
  const model = yield* chatOf(isBare ? value : value.model)
  const prompt = spec.prompt ?? settings.judgePrompt
  const id = spec.id ?? name(model.ref)
  return {
    model,
    strategy: (wrapped) =>
      bySize(wrapped, {
        id,
        family: spec.family ?? familyOf(model.ref),
        ...(prompt !== undefined && { prompt }),
        ...(spec.sampling !== undefined && { sampling: spec.sampling })
      })
  } satisfies JudgeSeat
})

const all = <A, B, E, R>(
  items: NonEmpty<A>,
  f: (item: A) => Effect.Effect<B, E, R>
): Effect.Effect<NonEmpty<B>, E, R> =>
  Effect.flatMap(Effect.forEach(items, f), (made) =>
    isNonEmpty(made) ? Effect.succeed(made) : Effect.die(new Error("a list lost its elements"))
  )

/** A text as it is; a function can only be named. */
const promptSetting = (prompt: JudgePrompt | undefined): string | null =>
  prompt === undefined ? null : typeof prompt === "string" ? prompt : "(a function)"

/** What changes the questions to judges, besides their models. */
const judging = (settings: RankSettings): Schema.Json => [
  promptSetting(settings.judgePrompt),
  ...settings.judges.map((said) =>
    typeof said === "object" && isJudgeSpec(said)
      ? { prompt: promptSetting(said.prompt), sampling: said.sampling ?? null }
      : null
  )
]

/** Ids are how candidates and orders are told apart. */
const repeated = (ids: ReadonlyArray<string>): string | undefined => ids.find((id, index) => ids.indexOf(id) !== index)

/** What no single field can be blamed for. */
const contradiction = ({
  given,
  judges,
  members,
  quorum
}: Pick<RunConfig, "given" | "judges" | "members" | "quorum">): string | undefined => {
  const member = repeated(members.map(({ id }) => id))
  if (member !== undefined) return `two members have the id ${member}: give each its own`
  const judge = repeated(judges.map((seat) => judgeIn(seat).id))
  if (judge !== undefined) return `two judges have the id ${judge}: give each its own`
  const answers = members.reduce((sum, { samples }) => sum + samples, 0)
  if (given === undefined && quorum !== undefined && quorum > answers) {
    return `quorum: ${quorum} eligible answers are needed, but the members give ${answers}: lower it, or add members or samples`
  }
  return undefined
}

const simulatedPrices = Prices.make()
const knownPrices = Pricing.make()

/** Prices of simulated members; of others what the vendors state, else the catalogue's. */
export const prices: NonNullable<RunConfig["prices"]> = {
  usd: (ref, usage) => simulatedPrices.usd(ref, usage) ?? knownPrices.usd(ref, usage)
}

/** A made-up model of a simulated server. */
export const isSimulated = (ref: string): boolean => ref.startsWith("simulated/")

/** The folder's name is the run's in a database. */
const runName = (out: string): string =>
  basename(resolvePath(out))
    .replaceAll(/[^\w-]/g, "_")
    .slice(0, 48)

/** A URL holds the whole run, a file the answers only. */
export const storeOf = (said: string, out: string): Pick<RunConfig, "calls" | "store"> =>
  /^postgres(ql)?:\/\//.test(said)
    ? {
        store: Layer.unwrap(
          Effect.map(
            Effect.promise(() => import("@consortium/store-postgres/PostgresStore")),
            ({ layer }) => layer({ url: Redacted.make(said), run: runName(out) })
          )
        )
      }
    : { calls: said }

const isSimulatedSeat = (seat: JudgeSeat): boolean => "model" in seat && isSimulated(seat.model.ref)

const explain = Effect.mapError((error: RegistryError | CallFailure) => new UsageError({ detail: error.message }))

/** Who answers and who ranks, each with its own id. */
export const seatsOf = Effect.fnUntraced(function* (settings: Seating) {
  const memberName = numbered()
  const judgeName = numbered()
  const members = yield* explain(all(settings.members, (said) => memberOf(said, settings, memberName)))
  const judges = yield* explain(all(settings.judges, (said) => judgeOf(said, settings, judgeName)))
  return { members, judges }
})

/** A file of weights and temperatures. */
const calibrationOf = Effect.fnUntraced(function* (path: string) {
  const wrong = (detail: string) => new UsageError({ detail: `${path}: ${detail}` })
  const text = yield* Effect.mapError(
    FileSystem.FileSystem.use((files) => files.readFileString(path)),
    () => wrong("no such calibration: consortium calibrate writes one")
  )
  return yield* Effect.mapError(decodeCalibrated(text), (error) =>
    wrong(`no calibration, as consortium calibrate writes it (${error.message.replaceAll(/\s+/g, " ")})`)
  )
})

/** Checks where none are said. */
const marks = ["refused", "truncated", "language"]

/** What runs and rankings have in common. */
const partsOf = Effect.fnUntraced(function* (settings: RankSettings, unsaid: ReadonlyArray<string>) {
  const file = { path: settings.prompts, ...(settings.limit !== undefined && { limit: settings.limit }) }
  const source = yield* sourceOf(file, settings.intake)
  const intake = saidOf(settings.intake)
  const checks = yield* checksOf(settings.checks ?? unsaid)
  const learnt = settings.calibration === undefined ? undefined : yield* calibrationOf(settings.calibration)
  const weights = settings.weights ?? learnt?.weights
  return {
    source,
    out: settings.out,
    seed: settings.seed,
    checks,
    skipInvalid: settings.skipInvalid,
    prices: settings.prices ?? prices,
    settings: {
      limit: settings.limit ?? null,
      judging: judging(settings),
      ...(Object.keys(intake).length > 0 && { intake })
    },
    ...(settings.stages !== undefined && { stages: settings.stages }),
    ...(settings.quorum !== undefined && { quorum: settings.quorum }),
    ...(weights !== undefined && { weights: new Map(Object.entries(weights)) }),
    ...(typeof learnt?.temperature === "number" && { temperature: learnt.temperature }),
    ...(typeof learnt?.stopTemperature === "number" && { stopTemperature: learnt.stopTemperature }),
    ...(settings.ownAnswers !== undefined && { ownAnswers: settings.ownAnswers }),
    ...(settings.concurrency !== undefined && { concurrency: settings.concurrency }),
    ...(settings.budget !== undefined && { budget: settings.budget }),
    ...(settings.limits !== undefined && { limits: settings.limits }),
    ...(settings.store !== undefined && storeOf(settings.store, settings.out)),
    grow: settings.grow,
    retryFailed: settings.retryFailed,
    ...(settings.timeout !== undefined && { timeout: settings.timeout }),
    ...(settings.retry !== undefined && { retry: settings.retry })
  }
})

const consistent = <A extends Pick<RunConfig, "given" | "judges" | "members" | "quorum">>(config: A) => {
  const wrong = contradiction(config)
  return wrong === undefined ? Effect.succeed(config) : Effect.fail(new UsageError({ detail: wrong }))
}

/** What the pipeline takes. Own parts that can't be made fail as `UsageError`. */
export const resolve = Effect.fnUntraced(function* (settings: Settings) {
  const { judges, members } = yield* seatsOf(settings)
  const { embedder: named } = settings
  const embedder: Embedder = yield* explain(
    typeof named === "string" ? Effect.flatMap(Registry, (registry) => registry.embedder(named)) : valueOf(named)
  )
  const embeddingCache = yield* embeddingCacheOf(settings.embeddingCache)
  const rehearsal = members.some((member) => isSimulated(member.model.ref))
  const config: RunConfig = {
    // Simulated members know one language only.
    ...(yield* partsOf(settings, rehearsal ? marks.filter((mark) => mark !== "language") : marks)),
    stop: settings.stop,
    embedder,
    members,
    judges,
    simulated: rehearsal || judges.some(isSimulatedSeat),
    ...(settings.guard !== undefined && { guard: settings.guard }),
    ...(settings.leakCosine !== undefined && {
      heldOut: yield* heldOutOf(settings.intake, settings.leakCosine)
    }),
    ...(settings.tooLong !== undefined && { tooLong: settings.tooLong }),
    ...(embeddingCache !== undefined && { embeddingCache }),
    ...(settings.only !== undefined && { only: settings.only })
  }
  return yield* consistent(config)
})

/** The same for answers that are there already. */
export const resolveRank = Effect.fnUntraced(function* (settings: RankSettings) {
  const name = numbered()
  const judges = yield* explain(all(settings.judges, (said) => judgeOf(said, settings, name)))
  const parts = yield* partsOf(settings, marks)
  return yield* consistent(rankConfig({ ...parts, judges, simulated: judges.some(isSimulatedSeat) }))
})
