/** What an earlier start has written, so that one that changes nothing need not count and write it all again. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import type { RunStore } from "@consortium/store/RunStore"
import { names } from "../Outputs.js"

const Count = Schema.Int
const Mark = Schema.fromJsonString(
  Schema.Struct({
    /** Everything that decides what is written besides the outcomes. */
    key: Schema.String,
    /** Bytes of each file; one that was touched since is written again. */
    sizes: Schema.Array(Schema.NullOr(Schema.Finite)),
    members: Schema.Array(Schema.Struct({ id: Schema.String, answered: Count, failed: Count, chosen: Count })),
    judges: Schema.Array(Schema.Struct({ id: Schema.String, given: Count, absent: Count }))
  })
)
type Standings = Pick<typeof Mark.Type, "members" | "judges">
const encode = Schema.encodeSync(Mark)
const decode = Schema.decodeOption(Mark)
const name = "ending"

const sizesOf = Effect.fnUntraced(function* (out: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* Effect.forEach(names, (file) =>
    files.stat(path.join(out, file)).pipe(
      Effect.map(({ size }): number | null => Number(size)),
      Effect.orElseSucceed(() => null)
    )
  )
})

/** How members and judges did, where the files are as they would be written. */
export const standing = Effect.fnUntraced(function* (store: RunStore["Service"], out: string, key: string) {
  const before = Option.flatMap(yield* store.mark(name), decode)
  if (Option.isNone(before) || before.value.key !== key) return undefined
  const sizes = yield* sizesOf(out)
  const same = sizes.every((size, index) => size !== null && size === before.value.sizes[index])
  const standings: Standings = before.value
  return same ? standings : undefined
})

/** Remembers what was written. */
export const keep = Effect.fnUntraced(function* (
  store: RunStore["Service"],
  out: string,
  key: string,
  { judges, members }: Standings
) {
  yield* store.setMark(name, encode({ key, sizes: yield* sizesOf(out), members, judges }))
})
