import { fromText, type Prompt } from "@consortium/core/Prompt"
import { PromptId } from "@consortium/core/Ids"
import { Seed } from "@consortium/core/Seed"
import { type Prompts, selectPrompts } from "@consortium/pipeline/SelectPrompts"
import * as Fence from "@consortium/selector/Fence"
import { layerSqlite, RunStore } from "@consortium/store/RunStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { angles, folder, services, sourceOf } from "./road.js"

const prompts = [0, 1, 40, 41, 90, 120, 121].map((angle) => fromText(`a${angle}`, `angle ${angle}`))
const held = (...texts: ReadonlyArray<string>) => sourceOf(texts.map((text, at) => fromText(`h${at}`, text)))

const select = Effect.fnUntraced(function* (
  out: string,
  more: Partial<Prompts<never>>,
  earlier?: ReadonlyArray<string>
) {
  const selected = yield* selectPrompts({
    input: { source: sourceOf(prompts), embedder: angles, guard: 0.99, ...more },
    out,
    seed: Seed.make(1),
    selector: Fence.make({ stop: { targetSize: 7 }, guard: 0.99 }),
    ...(earlier !== undefined && { earlier })
  })
  const files = yield* FileSystem.FileSystem
  const lines = (yield* files.readFileString(`${out}/prompts.jsonl`)).trimEnd().split("\n")
  const chosen = lines.map((line): string => JSON.parse(line).id)
  const ledger = yield* RunStore.use(({ rows }) =>
    Effect.forEach(prompts, ({ id }: Prompt) =>
      Effect.map(rows.find(id), (place) => [String(id), Option.getOrThrow(place).detail ?? ""] as const)
    )
  ).pipe(Effect.provide(layerSqlite({ filename: `${out}/select.db` })))
  return { selected, chosen, ledger: new Map(ledger) }
})

describe("a selection of prompts", () => {
  it.live("says in its ledger what repeats a chosen prompt, and leaves leaks of held-out ones out", () =>
    Effect.gen(function* () {
      const heldOut = { sources: [held("held 89 out")], cosine: 0.999 }
      const { chosen, ledger, selected } = yield* select(`${yield* folder}/s`, { heldOut })
      assert.strictEqual(selected.of, 6)
      assert.strictEqual(selected.stopped, "guarded")
      assert.lengthOf(chosen, 3)
      assert.strictEqual(ledger.get("a90"), "leak of memory:1, cosine 1.000")
      for (const [id, detail] of ledger) {
        if (id === "a90" || chosen.includes(id)) continue
        assert.include(chosen, /^repeats (\S+), cosine 1\.000$/.exec(detail)?.[1], id)
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("keeps what an earlier collection has, and knows what repeats it", () =>
    Effect.gen(function* () {
      const heldOut = { sources: [held("held 0 out")], cosine: 0.99999 }
      const { chosen, ledger } = yield* select(`${yield* folder}/s`, { heldOut }, [PromptId.make("a0")])
      assert.notInclude(chosen, "a0")
      assert.notInclude(chosen, "a1")
      assert.strictEqual(ledger.get("a0"), "leak of memory:1, cosine 1.000")
      assert.strictEqual(ledger.get("a1"), "repeats a0, cosine 1.000")
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("says nothing of likeness where no guard is said", () =>
    Effect.gen(function* () {
      const { ledger } = yield* select(`${yield* folder}/s`, { guard: "off" })
      assert.deepStrictEqual([...ledger.values()].join(""), "")
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
