/** Where vectors that runs share are kept: what was said, else what a variable says for all runs of a machine. */
import type { Options } from "@consortium/embeddings/EmbeddingCache"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const variable = Config.option(Config.NonEmptyString("CONSORTIUM_EMBEDDING_CACHE"))

/** Nothing is kept outside of a run's own folder unless somebody says so. */
export const embeddingCacheOf = (said: string | Options | undefined): Effect.Effect<Options | undefined> =>
  said === undefined
    ? Effect.map(Effect.orElseSucceed(variable, Option.none<string>), (found) =>
        Option.isSome(found) ? { directory: found.value } : undefined
      )
    : Effect.succeed(typeof said === "string" ? { directory: said } : said)
