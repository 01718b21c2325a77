/** A consortium as a service of an Effect program: its Layer is made once, whoever needs it asks. */
import * as Named from "@consortium/cli/Consortium"
import type { Consortium } from "@consortium/ensemble/Consortium"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

class Advice extends Context.Service<Advice, Consortium>()("example/Advice") {
  static readonly layer = Layer.effect(
    Advice,
    Named.make({
      members: ["simulated/scholar", "simulated/plain"],
      judges: ["simulated/careful"],
      budget: { usd: 0.5 }
    })
  )
}

const program = Effect.gen(function* () {
  const advice = yield* Advice
  const answers = yield* Effect.forEach(["Why is glass clear?", "Why is bread soft?"], (one) => advice.ask(one), {
    concurrency: "unbounded"
  })
  for (const { by, judged, pBest } of answers) console.log(by, judged, pBest.toFixed(2))
}).pipe(
  Effect.catchTag("ConsortiumError", ({ troubles, why }) =>
    Effect.sync(() => console.log(why, troubles.length, "troubles"))
  )
)

await Effect.runPromise(program.pipe(Effect.provide(Advice.layer), Effect.provide(NodeServices.layer)))
