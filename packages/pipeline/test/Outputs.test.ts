import * as Outputs from "@consortium/pipeline/Outputs"
import { buildDataset } from "@consortium/pipeline/BuildDataset"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { fakeConfig, folder, memberOf, run, services } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

const Facts = Schema.Struct({ schema: Schema.String })
const schemaOf = (text: string) => Schema.decodeUnknownSync(Schema.fromJsonString(Facts))(text).schema
const Counts = Schema.fromJsonString(
  Schema.Struct({
    settings: Schema.Struct({ seed: Schema.Int, members: Schema.Array(Schema.Struct({ id: Schema.String })) }),
    selection: Schema.Struct({ stopped: Schema.String, of: Schema.Int }),
    ledger: Schema.Record(Schema.String, Schema.Int),
    members: Schema.Array(Schema.Json),
    judges: Schema.Array(Schema.Json)
  })
)

/** Every file that the run writes, by name. */
const filesOf = Effect.fnUntraced(function* (out: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.forEach(Outputs.names, (name) => files.readFileString(`${out}/${name}`))
})

/** Answers but for question 2. */
const forgetful = memberOf(
  Fakes.chatModel("fake/forgetful", ({ messages }) =>
    JSON.stringify(messages).includes("Question 2") ? Fakes.modelError() : "fine"
  )
)

describe("the files of a run", () => {
  live("are the same bytes when they are written again, and nothing else is left beside them", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const files = yield* FileSystem.FileSystem
      const config = fakeConfig(out, { members: [forgetful] })
      const { summary } = yield* run(config)
      const before = yield* filesOf(out)
      for (const name of Outputs.names) yield* files.remove(`${out}/${name}`)
      yield* run(config)
      assert.deepStrictEqual(yield* filesOf(out), before)
      assert.deepStrictEqual((yield* files.readDirectory(out)).sort(), [...Outputs.names, "run.db"].sort())
      assert.deepStrictEqual(
        summary.files,
        [...Outputs.names, "run.db"].map((name) => `${out}/${name}`)
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("name their schema in every row, and say in run.json what was set and what came of it", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const { summary } = yield* run(fakeConfig(out, { members: [forgetful] }))
      const [dataset = "", rejected = "", selection = "", about = ""] = yield* filesOf(out)
      for (const [text, schema, rows] of [
        [dataset, "consortium.dataset/1", 3],
        [rejected, "consortium.rejected/1", 1],
        [selection, "consortium.selection/1", 4]
      ] as const) {
        const lines = text.trimEnd().split("\n")
        assert.deepStrictEqual(
          lines.map((line) => schemaOf(line)),
          Array<string>(rows).fill(schema)
        )
      }
      assert.strictEqual(schemaOf(about), "consortium.run/1")
      const said = Schema.decodeUnknownSync(Counts)(about)
      assert.deepStrictEqual(said.ledger, { ...summary.ledger })
      assert.deepStrictEqual(said.settings, { seed: 1, members: [{ id: "fake/forgetful" }] })
      assert.deepStrictEqual(said.selection, { stopped: "target", of: 4 })
      assert.deepStrictEqual(said.members, [{ id: "fake/forgetful", answered: 3, failed: 1, chosen: 3 }])
      assert.deepStrictEqual(said.judges, [{ id: "fake-judge", given: 0, absent: 0 }])
      assert.notMatch(about, /20\d\d-\d\d-\d\d|Millis/)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("that can't be written stop the run by name, and lose nothing", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(`${out}/rejected.jsonl/taken`, { recursive: true })
      const config = fakeConfig(out)
      const refused = yield* Effect.flip(buildDataset(config))
      assert.match(refused.message, /rejected\.jsonl without the run\.db/)
      yield* files.remove(`${out}/rejected.jsonl`, { recursive: true })
      yield* run(config)
      yield* files.remove(`${out}/rejected.jsonl`)
      yield* files.makeDirectory(`${out}/rejected.jsonl`)
      const error = yield* Effect.flip(buildDataset(config))
      assert.match(error.message, /^cannot write .*rejected\.jsonl: it is a folder: move it away/)
      yield* files.remove(`${out}/rejected.jsonl`, { recursive: true })
      assert.deepInclude((yield* run(config)).summary, { calls: 0, outcome: "done" })
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
