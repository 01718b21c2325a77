/** Base64 to bytes: by Node's own reader where it is there, which is the quickest, by `atob` in other runtimes. */

/** Writes to a place, as much as fits; answers how many bytes there are. */
export const writeTo = (text: string, place: Uint8Array): number => {
  const node = globalThis.Buffer
  if (node !== undefined) return node.from(place.buffer, place.byteOffset, place.byteLength).write(text, "base64")
  const bytes = bytesOf(text)
  place.set(bytes.subarray(0, place.length))
  return bytes.length
}

/** Nothing where the text is no base64. */
export const bytesOf = (text: string): Uint8Array => {
  const node = globalThis.Buffer
  if (node !== undefined) return node.from(text, "base64")
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0))
  } catch {
    return new Uint8Array(0)
  }
}
