/** From bytes to text and JSON. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The whole text of some pieces, without a byte order mark. */
export const text = <E>(pieces: Stream.Stream<Uint8Array, E>): Effect.Effect<string, E> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let out = ""
    return Stream.runForEachArray(pieces, (some) => {
      for (const piece of some) out += decoder.decode(piece, { stream: true })
      return Effect.void
    }).pipe(Effect.map(() => out + decoder.decode()))
  })
