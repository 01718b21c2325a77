/** The main job: from prompts to a ranked dataset, resumable at every call. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { layer as aggregatorLayer } from "@consortium/aggregation/Aggregate"
import { type CallFailure, Halted } from "@consortium/core/Call"
import { WriteError } from "@consortium/core/Example"
import type { Embedder } from "@consortium/core/Embedder"
import type { StopRule } from "@consortium/core/Selection"
import type { Ledger } from "@consortium/core/RunEvent"
import { cached } from "@consortium/embeddings/EmbeddingCache"
import { makeBudget } from "@consortium/middleware/Budget"
import { makeConcurrency } from "@consortium/middleware/Concurrency"
import { makeLanes } from "@consortium/middleware/Lane"
import { embedStack } from "@consortium/middleware/Stack"
import { layer as fenceLayer } from "@consortium/selector/Fence"
import type { Spending } from "@consortium/store/Calls"
import type { Pick } from "@consortium/store/Rows"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import { choose, grow } from "./Choose.js"
import * as Intake from "./Intake.js"
import { bill } from "./internal/bill.js"
import * as ending from "./internal/ending.js"
import { version } from "./internal/version.js"
import { limiters } from "./KeyLimits.js"
import * as Members from "./Members.js"
import * as Outputs from "./Outputs.js"
import {
  decisive,
  differences,
  judgeIn,
  lasting,
  type RunBudget,
  RunConflict,
  type RunConfig,
  settingsOf
} from "./RunConfig.js"
import * as Plan from "./Plan.js"
import * as Settle from "./Settle.js"
import * as Work from "./Work.js"

/** What a run came to. */
export interface Summary {
  /** `stopped`: there is work left, and the same command goes on with it. */
  readonly outcome: "done" | "stopped"
  readonly stopped?: Halted
  readonly ledger: Ledger
  /** Rejected prompts whose calls failed: the same command tries them again. */
  readonly open: number
  /** Why the selection ended. */
  readonly stoppedBy: string | undefined
  /** Prompts embedded by their beginning, and by the mean of their parts. */
  readonly cut: number
  readonly averaged: number
  /** Model calls that this start made, retries counted, and those that the store answered. */
  readonly calls: number
  readonly stored: number
  /** US dollars of this start's calls; null where a price is unknown. */
  readonly usd: number | null
  readonly members: ReadonlyArray<Outputs.Standing>
  readonly judges: ReadonlyArray<Outputs.JudgeStanding>
  readonly simulated: boolean
  readonly files: ReadonlyArray<string>
}

const Settings = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json))
const encodeSettings = Schema.encodeSync(Settings)
const decodeSettings = Schema.decodeSync(Settings)

/**
 * Prompts on the road at a time: enough that the slowest model is never idle, few enough for any input's length; with a
 * budget few, so that what it pays for is finished prompts.
 */
const defaults = { width: 256, widthOnBudget: 16 } as const

/** Makes the folder, and refuses one that holds somebody else's files under our names. */
const openFolder = Effect.fnUntraced(
  function* (out: string, isOwn: boolean) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* files.makeDirectory(out, { recursive: true })
    const held = yield* files.readDirectory(out)
    const foreign = !isOwn || held.includes("run.db") ? [] : held.filter((name) => Outputs.names.includes(name))
    if (foreign.length > 0) {
      return yield* new RunConflict({ out, differences: [`${foreign.join(", ")} without the run.db of a run`] })
    }
    return path.join(out, "run.db")
  },
  (effect, out) =>
    Effect.catchTag(effect, "PlatformError", (error) =>
      Effect.fail(new WriteError({ path: out, reason: `${error.message}: choose a folder that can be written` }))
    )
)

const only = (all: Readonly<Record<string, Schema.Json>>, names: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))

/** Recognises the run in the store, or makes this one its own. */
const recognise = Effect.fnUntraced(function* <E extends CallFailure>(
  store: RunStore["Service"],
  config: RunConfig<E>
) {
  const here = settingsOf(config)
  const there = Option.map(yield* store.mark("settings"), decodeSettings)
  if (Option.isNone(there) || !(yield* Intake.begun(store))) {
    yield* store.setMark("settings", encodeSettings(here))
    return { settings: here, resumed: false }
  }
  const found = differences(there.value, here)
  if (found.length === 0) return { settings: here, resumed: true }
  const among = (names: ReadonlyArray<string>) => differences(only(there.value, names), only(here, names))
  if (config.grow !== true || among(lasting).length > 0)
    return yield* new RunConflict({ out: config.out, differences: config.grow === true ? among(lasting) : found })
  yield* store.atomically(
    Effect.gen(function* () {
      // Answers stay; what became of a prompt is decided anew.
      if (among(decisive).length > 0) yield* store.outcomes.clear
      yield* store.setMark("settings", encodeSettings(here))
    })
  )
  return { settings: here, resumed: true }
})

/** The limit, less what earlier starts have spent. */
const purse = Effect.fnUntraced(function* (store: RunStore["Service"], limits: RunBudget | undefined) {
  if (limits === undefined) return undefined
  const before = yield* store.spending
  const sum = (of: (one: Spending) => number) => before.reduce((total, one) => total + of(one), 0)
  return makeBudget({
    ...limits,
    spent: {
      usd: sum(({ usd }) => usd),
      tokens: sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
      calls: sum(({ attempts }) => attempts)
    }
  })
})

/** Everything that decides what a finished run writes, besides its outcomes. */
const keyOf = <E extends CallFailure>(
  { ownAnswers, simulated, temperature, weights }: RunConfig<E>,
  settings: Readonly<Record<string, Schema.Json>>,
  ledger: Ledger
): string =>
  JSON.stringify([
    version,
    settings,
    simulated ?? false,
    ownAnswers ?? null,
    weights === undefined ? null : [...weights],
    temperature ?? null,
    ledger
  ])

/** A run that grows has chosen some of its target already. */
const stopOf = <E extends CallFailure>(store: RunStore["Service"], { grow, stop }: RunConfig<E>) =>
  Effect.map(grow === true ? store.rows.picks : Effect.succeed([]), ({ length }): StopRule => {
    const { targetSize } = stop
    return targetSize === undefined || length === 0 ? stop : { ...stop, targetSize: Math.max(1, targetSize - length) }
  })

const program = Effect.fnUntraced(function* <E extends CallFailure>(config: RunConfig<E>) {
  const store = yield* RunStore
  const { settings, resumed } = yield* recognise(store, config)
  const told = bill(config.onEvent ?? (() => Effect.void))
  const simulated = config.simulated ?? false
  yield* told.emit({ _tag: "Started", seed: config.seed, simulated, resumed, out: config.out })

  const budget = yield* purse(store, config.budget)
  const stack = {
    lanes: makeLanes(),
    journal: store.journal,
    limitOf: limiters(config.limits ?? {}),
    ...(config.concurrency !== undefined && { concurrency: makeConcurrency({ permits: config.concurrency }) }),
    ...(budget !== undefined && { budget }),
    ...(config.timeout !== undefined && { timeout: config.timeout }),
    ...(config.retry !== undefined && { retry: config.retry }),
    ...(config.prices !== undefined && { prices: config.prices })
  }
  const { embeddingCache } = config
  const keep = <X extends CallFailure>(embedder: Embedder<X>) =>
    embeddingCache === undefined ? Effect.succeed(embedder) : cached(embedder, embeddingCache)
  const embedder =
    config.embedder.local === true
      ? yield* keep(config.embedder)
      : told.embedder(yield* keep(embedStack({ ...stack, ...stack.limitOf(config.embedder.ref) })(config.embedder)))
  const ids = config.members.map((member) => member.id)
  const heard = Work.listener(told.emit, ids)
  const stages = Layer.mergeAll(
    config.stages?.selector ??
      fenceLayer({
        stop: yield* stopOf(store, config),
        ...(config.guard !== undefined && { guard: config.guard })
      }),
    config.stages?.sampler ?? Members.sampler(config, stack, heard.onCandidate),
    config.stages?.panel ?? Members.panel(config, stack, heard.onVote),
    config.stages?.aggregator ?? aggregatorLayer({ seed: config.seed })
  )

  let picks: ReadonlyArray<Pick> = []
  let mark: Outputs.Options["mark"]
  let judging: Settle.Judging | undefined
  let worked: number | undefined
  let before: Effect.Success<ReturnType<typeof ending.standing>>
  const road = Effect.gen(function* () {
    yield* Intake.read({
      store,
      source: config.source,
      out: config.out,
      skipInvalid: config.skipInvalid ?? false,
      grow: config.grow ?? false,
      emit: told.emit
    })
    const tooLong = config.tooLong ?? "refuse"
    // The fence's own default; an own selector may have no guard.
    const guard = config.guard ?? (config.stages?.selector === undefined ? "adaptive" : "off")
    const meaning = {
      guard,
      ...(config.heldOut !== undefined && { heldOut: config.heldOut })
    }
    const chosen =
      config.grow === true
        ? grow(store, embedder, told.emit, tooLong, config.stop.targetSize, meaning)
        : choose(store, embedder, told.emit, tooLong, meaning)
    // What costs nothing is done before anyone is asked, and makes the plan exact.
    const isFree = config.embedder.local === true || Option.isSome(yield* store.mark("selection"))
    const early = isFree ? yield* chosen : undefined
    if (config.onPlan !== undefined) yield* config.onPlan(yield* Plan.make({ store, config, picks: early?.picks }))
    const collection = early ?? (yield* chosen)
    picks = collection.picks
    mark = collection.mark
    worked = yield* Work.finish({
      store,
      picks: config.only === undefined ? picks : Plan.spread(picks, config.only),
      of: picks.length,
      config,
      heard,
      emit: told.emit,
      width: config.concurrency ?? (budget === undefined ? defaults.width : defaults.widthOnBudget)
    })
    // Judges are learnt from whole runs: a part would teach something else.
    const ledger = yield* store.rows.ledger
    if (worked === 0) before = yield* ending.standing(store, config.out, keyOf(config, settings, ledger))
    if (ledger.unfinished === 0 && before === undefined) judging = yield* Settle.settle(store, config)
  }).pipe(Effect.provide(stages))

  // A broken store can't be written from; every other halt leaves a run that goes on.
  const stopped = yield* road.pipe(
    Effect.as(undefined),
    Effect.catchIf(
      (error): error is Halted => error instanceof Halted && error.why !== "store",
      (halted) => Effect.succeed(halted)
    )
  )
  const ledger = yield* store.rows.ledger
  const open = yield* store.outcomes.open
  const outcome = stopped === undefined && ledger.unfinished === 0 ? "done" : "stopped"
  const facts = {
    version,
    simulated,
    outcome,
    settings,
    judging: judging === undefined ? null : Settle.asJson(judging)
  }
  const judges = config.judges.map((seat) => judgeIn(seat).id)
  const written =
    before === undefined
      ? yield* Outputs.write({ store, out: config.out, picks, mark, ledger, members: ids, judges, facts })
      : { ...before, files: yield* Outputs.files(config.out) }
  if (before === undefined && outcome === "done")
    yield* ending.keep(store, config.out, keyOf(config, settings, ledger), written)
  const { calls, stored, usd } = told.totals()
  yield* told.emit({ _tag: "Finished", outcome, ledger, calls, stored, usd, files: written.files })
  const summary: Summary = {
    outcome,
    ...(stopped !== undefined && { stopped }),
    ledger,
    open,
    stoppedBy: mark?.stopped,
    cut: mark?.cut ?? 0,
    averaged: mark?.averaged ?? 0,
    calls,
    stored,
    usd,
    members: written.members,
    judges: written.judges,
    simulated,
    files: written.files
  }
  return summary
})

/**
 * Runs the main job, or goes on with it: whatever is stored in `out` is not asked again. Fails on what stops the whole
 * run (an input that can't be read, a folder of another run, a store or an output that can't be written); members and
 * judges that fail are values in the result.
 */
export const buildDataset = Effect.fnUntraced(function* <E extends CallFailure>(config: RunConfig<E>) {
  const filename = yield* openFolder(config.out, config.store === undefined)
  return yield* Effect.provide(
    Effect.scoped(program(config)),
    config.store ?? layerSqlite({ filename, ...(config.calls !== undefined && { calls: config.calls }) })
  )
})

/** What is left to ask, known without a paid call; a folder that holds no run yet is left as it is. */
export const planDataset = Effect.fnUntraced(function* <E extends CallFailure>(config: RunConfig<E>) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  let planned: Plan.Plan | undefined
  const onPlan = (plan: Plan.Plan) =>
    Effect.suspend(() => {
      planned = plan
      return Effect.fail(new Plan.Declined())
    })
  const begun = yield* Effect.orElseSucceed(files.exists(path.join(config.out, "run.db")), () => false)
  const elsewhere = Effect.map(files.makeTempDirectoryScoped({ prefix: "consortium-plan-" }), (out) => ({ out }))
  const place = begun || config.store !== undefined ? {} : yield* elsewhere
  yield* Effect.catchTag(buildDataset({ ...config, ...place, onPlan }), "Declined", () => Effect.void)
  return planned ?? (yield* Effect.die(new Error("a run without a plan")))
}, Effect.scoped)

/** The same for programs that do not write Effect: rejects with the very error. */
export const buildDatasetPromise = <E extends CallFailure>(
  config: RunConfig<E>,
  options?: { readonly signal?: AbortSignal }
): Promise<Summary> =>
  Effect.runPromise(buildDataset(config).pipe(Effect.provide([NodeFileSystem.layer, NodePath.layer])), options)
