/** Pictures as parts of the wire. */
import type { ImagePart } from "@consortium/core/Prompt"
import type * as Schema from "effect/Schema"

/** The kinds that Gemini reads, by the end of an address; Vertex wants the kind stated. */
const kinds: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif"
}

const kindOf = (url: string): string | undefined => {
  const end = /\.(\w+)(?:[?#]|$)/.exec(url.slice(url.lastIndexOf("/")))?.[1]?.toLowerCase()
  return end !== undefined && Object.hasOwn(kinds, end) ? kinds[end] : undefined
}

/** `data:image/png;base64,…` */
const inline = /^data:([^;,]+);base64,(.*)$/s

export const part = ({ source }: ImagePart): Record<string, Schema.Json> => {
  if (source._tag === "Base64") return { inlineData: { mimeType: source.mediaType, data: source.data } }
  const [, mimeType, data] = inline.exec(source.url) ?? []
  if (mimeType !== undefined && data !== undefined) return { inlineData: { mimeType, data } }
  const kind = kindOf(source.url)
  return { fileData: { ...(kind !== undefined && { mimeType: kind }), fileUri: source.url } }
}
