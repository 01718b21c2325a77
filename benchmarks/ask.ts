/**
 * What asking a consortium adds to its models: a thousand questions at once whose members and judges take ten seconds
 * each, and how many questions a core can answer where models take no time. `node benchmarks/ask.ts [questions] [seconds]`
 */
import { Ballot } from "@consortium/core/Ballot"
import * as ChatModel from "@consortium/core/ChatModel"
import { JudgeId, MemberId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import * as Consortium from "@consortium/ensemble/Consortium"
import { listwise } from "@consortium/judge-strategies/Listwise"
import { makeLanes } from "@consortium/middleware/Lane"
import * as Effect from "effect/Effect"

const questions = Number(process.argv[2] ?? 1000)
const seconds = Number(process.argv[3] ?? 10)
const answer = "An answer of some hundred words says what there is to say, and little besides. ".repeat(8)

const memberOf = (id: string, millis: number) => ({
  id: MemberId.make(id),
  samples: 1,
  model: ChatModel.make({
    ref: `fake/${id}`,
    complete: () =>
      Effect.delay(
        Effect.sync(() => ({
          parts: [{ _tag: "Text", text: `${answer}${id}` }],
          finish: { kind: "stop", raw: "stop" },
          usage: { inputTokens: 20, outputTokens: 100 },
          model: id
        })),
        millis
      )
  })
})

/** A judge by a model, which has its prompt rendered and its verdict parsed. */
const modelJudge = (id: string, millis: number) => ({
  strategy: (wrapped: ChatModel.ChatModel) => listwise(wrapped, { id }),
  model: ChatModel.make({
    ref: `fake/${id}`,
    complete: ({ messages }) =>
      Effect.delay(
        Effect.sync(() => {
          const text = JSON.stringify(messages[messages.length - 1])
          const ids = [...new Set([...text.matchAll(/candidate id=\\"([^"\\]+)/g)].map(([, one = ""]) => one))]
          const body = new Map(ids.map((one) => [one, text.slice(text.indexOf(`candidate id=\\"${one}\\"`))]))
          const place = (one: string) => /besides\. (\w)\\n<\/candidate/.exec(body.get(one) ?? "")?.[1] ?? "z"
          const ranking = [...ids].sort((a, b) => place(a).localeCompare(place(b))).map((one) => [one])
          const said = {
            criteria: ["correct"],
            reference: "",
            critiques: [],
            ranking,
            unacceptable: [],
            confidence: 0.9
          }
          return {
            parts: [{ _tag: "Text", text: JSON.stringify(said) }],
            finish: { kind: "stop", raw: "stop" },
            usage: { inputTokens: 900, outputTokens: 60 },
            model: id
          }
        }),
        millis
      )
  })
})

const ownJudge = (id: string): { readonly judge: Judge } => ({
  judge: {
    id: JudgeId.make(id),
    judge: (sheet) => {
      const sorted = [...sheet.options].sort((a, b) => (a.text < b.text ? -1 : 1))
      return Effect.fromResult(Ballot.make(sheet, { tiers: sorted.map(({ label }) => [label]) }))
    }
  }
})

const names = ["a", "b", "c"] as const
const consortium = (millis: number, own: boolean) =>
  Consortium.make({
    members: [memberOf("a", millis), memberOf("b", millis), memberOf("c", millis)],
    judges: own
      ? [ownJudge("x"), ownJudge("y"), ownJudge("z")]
      : [modelJudge("x", millis), modelJudge("y", millis), modelJudge("z", millis)],
    enough: names.length,
    // No limit is to be learnt of models that bear everything.
    stack: { lanes: makeLanes({ concurrency: false }) }
  })

const quantile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
const mebibytes = (): number => process.memoryUsage.rss() / 2 ** 20
const gc = (globalThis as { readonly gc?: () => void }).gc ?? (() => {})

const many = async (made: Consortium.Consortium): Promise<void> => {
  await Effect.runPromise(consortium(0, false).ask("warm"))
  gc()
  const before = mebibytes()
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, mebibytes())
  }, 200)
  const cpu = process.cpuUsage()
  const program = Effect.forEach(
    Array.from({ length: questions }, (_, n) => n),
    (n) => {
      const started = performance.now()
      return Effect.map(made.ask(`question ${n}`), () => performance.now() - started)
    },
    { concurrency: "unbounded" }
  )
  const times = [...(await Effect.runPromise(program))].sort((a, b) => a - b)
  const { system, user } = process.cpuUsage(cpu)
  clearInterval(watch)
  gc()
  const after = mebibytes()
  const ideal = 2000 * seconds
  const added = times.map((time) => time - ideal)
  console.log(`${questions} questions at once, 3 members and 3 judges of ${seconds} s each: ideal ${2 * seconds} s`)
  console.log(
    `  added: p50 ${quantile(added, 0.5).toFixed(0)} ms, p99 ${quantile(added, 0.99).toFixed(0)} ms, most ${(added.at(-1) ?? 0).toFixed(0)} ms`
  )
  console.log(`  CPU a question: ${((system + user) / 1000 / questions).toFixed(2)} ms`)
  console.log(
    `  memory: ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} at most, ${after.toFixed(0)} after, ${((1024 * (peak - before)) / questions).toFixed(0)} KiB a question in flight`
  )
}

/** As many questions in flight as said, the next one as soon as one is answered. */
const loop = async (inFlight: number, own: boolean, millis: number): Promise<number> => {
  const made = consortium(0, own)
  let answered = 0
  const end = performance.now() + millis
  const one = Effect.suspend(() => made.ask(`question ${answered % 97}`))
  const worker = Effect.whileLoop({
    while: () => performance.now() < end,
    body: () => one,
    step: () => {
      answered++
    }
  })
  await Effect.runPromise(
    Effect.all(
      Array.from({ length: inFlight }, () => worker),
      { concurrency: "unbounded", discard: true }
    )
  )
  return (1000 * answered) / millis
}

const asked = consortium(1000 * seconds, false)
// The second time shows whether anything of the first stayed.
await many(asked)
await many(asked)
console.log("questions a second on one core, models that take no time, by how many are in flight")
await loop(10, false, 500)
for (const inFlight of [1, 10, 100, 1000]) {
  const [judged, plain] = [await loop(inFlight, false, 2000), await loop(inFlight, true, 2000)]
  console.log(
    `  ${String(inFlight).padStart(5)}: ${judged.toFixed(0).padStart(6)} with judges by models, ${plain.toFixed(0).padStart(6)} with judges that are functions`
  )
}
