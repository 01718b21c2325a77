/** Bytes of a gzip file unpacked as they come; members in a row are one file. */
import { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import { SourceError } from "@consortium/core/PromptSource"
import * as Stream from "effect/Stream"

const begun = (bytes: Stream.Stream<Uint8Array, SourceError>): AsyncIterable<Uint8Array> => {
  const packed = Readable.from(Stream.toAsyncIterable(bytes), { objectMode: true })
  const unpacked = createGunzip()
  packed.on("error", (error) => unpacked.destroy(error))
  unpacked.on("close", () => packed.destroy())
  return packed.pipe(unpacked)
}

export const gunzipped = (
  file: string,
  bytes: Stream.Stream<Uint8Array, SourceError>
): Stream.Stream<Uint8Array, SourceError> =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(begun(bytes), (cause) =>
      cause instanceof SourceError
        ? cause
        : new SourceError({
            file,
            reason: `it can't be unpacked: pack it again with gzip (${cause instanceof Error ? cause.message : String(cause)})`
          })
    )
  )
