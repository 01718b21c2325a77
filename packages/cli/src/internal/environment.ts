/** What every command stands on. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Keys and addresses: the environment, then `.env` in the working directory. */
const variables = ConfigProvider.layer(
  Effect.gen(function* () {
    const env = ConfigProvider.fromEnv()
    const file = yield* Effect.option(ConfigProvider.fromDotEnv())
    return file._tag === "Some" ? ConfigProvider.orElse(env, file.value) : env
  })
)

/** Files, paths and standard streams, with the variables. */
export const environment = Layer.mergeAll(NodeServices.layer, Layer.provide(variables, NodeServices.layer))
