/**
 * What the guard costs where there are many near-copies: made-up prompts of the same few words in other orders, in lexical
 * vectors, selected without a guard and with the default one. `node benchmarks/guard.ts [prompts] [selected]`
 */
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const prompts = Number(process.argv[2] ?? 100_000)
const targetSize = Number(process.argv[3] ?? 2000)
const words = "river stone market signal winter orchard engine paper coast lantern theory garden ledger copper".split(
  " "
)
const texts = Array.from({ length: prompts }, (_, i) => {
  const said = Array.from({ length: 12 }, (_, j) => words[(i * 31 + j * j * 7 + ((i >> 3) % 11)) % words.length])
  return `${i}: ${said.join(" ")}`
})
if (!isNonEmpty(texts)) throw new Error("no prompts")
const { data, space } = await Effect.runPromise(embedder.embed(texts))
const ids = texts.map((_, row) => PromptId.make(`p${row}`))
const matrix = Result.getOrThrow(EmbeddingMatrix.make(space, ids, data))

console.log(`${prompts} near-copies, ${targetSize} asked for, one thread`)
for (const guard of ["off", 0.9, "adaptive"] as const) {
  const cpu = process.cpuUsage()
  const { picks, stopped } = await Effect.runPromise(Fence.make({ stop: { targetSize }, guard }).select({ matrix }))
  const { system, user } = process.cpuUsage(cpu)
  console.log(`  guard ${guard}: ${((system + user) / 1e6).toFixed(1)} s of CPU, ${picks.length} picks (${stopped})`)
}
