/** What stands beside a `.f32` that was embedded here, as `path.json`: its space, who made it, and how far it is. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { MatrixFileError } from "../MatrixFileError.js"

const Header = Schema.Struct({
  schema: Schema.Literal("consortium.matrix/1"),
  space: Schema.Struct({
    model: Schema.String,
    dimension: Schema.Int.check(Schema.isGreaterThan(0)),
    variant: Schema.optionalKey(Schema.String)
  }),
  ref: Schema.String,
  wire: Schema.String,
  /** Null until every text was asked. */
  rows: Schema.NullOr(Schema.Int),
  /** Rows, from 0, whose text could not be embedded: zeros stand there. */
  absent: Schema.Array(Schema.Int)
})
export type Header = typeof Header.Type

const Text = Schema.fromJsonString(Header)
const decode = Schema.decodeUnknownEffect(Text)
export const encodeHeader = Schema.encodeSync(Text)

export const headerPath = (path: string): string => `${path}.json`

/** The header beside a file; nothing where there is none. */
export const headerOf = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const file = headerPath(path)
  const found = yield* Effect.orElseSucceed(files.exists(file), () => false)
  if (!found) return undefined
  const broken = new MatrixFileError({ file, reason: `no header of ${path}: delete it, and say the dimension` })
  return yield* files.readFileString(file).pipe(
    Effect.flatMap(decode),
    Effect.mapError(() => broken)
  )
})
