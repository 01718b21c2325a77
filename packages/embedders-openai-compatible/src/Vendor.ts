/** What is to know of a vendor whose embeddings speak the OpenAI wire: plain data, where each deviation is a named field. */
import type { Encoding } from "@consortium/wire/Vectors"

/** How rows are asked for in fewer bytes than JSON numbers take. */
export interface Base64 {
  /** The word in `encoding_format`. */
  readonly format: string
  /** What its bytes hold. */
  readonly holds: Encoding
}

/** What texts are embedded for, in the vendor's words. */
export interface InputTypes<Type extends string> {
  /** The field that says it. */
  readonly field: string
  readonly types: ReadonlyArray<Type>
  /** Sent where none is asked for, because some of the vendor's models refuse texts without one. @default none is sent */
  readonly standard?: NoInfer<Type>
}

/** `Type` are the input types that its models tell apart; `never` where they don't. */
export interface Vendor<out Type extends string = string> {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** Without a slash at the end; a variable's name in braces stands for what that variable holds. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** What is added to the address. */
  readonly path: `/${string}`
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The header that carries the key: bare, or as `Authorization: Bearer`. */
  readonly keyHeader: "authorization" | "api-key"
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** The most texts that one call takes. */
  readonly maxBatch: number
  /** The most tokens that one call takes over all its texts; nothing where no limit is stated. */
  readonly maxTokens: number | undefined
  /** Nothing where rows are asked for as JSON numbers. */
  readonly base64: Base64 | undefined
  /** The field that asks for shorter rows. */
  readonly dimensionsField: "dimensions" | "output_dimension" | "none"
  readonly inputTypes: InputTypes<Type> | undefined
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
}

type Stated = "id" | "baseUrl" | "baseUrlVariable" | "apiKey" | "maxBatch"

/** What a vendor's file has to say: the address, the key and how much one call takes. */
export type Facts<Type extends string = never> = Pick<Vendor<Type>, Stated> & Partial<Vendor<Type>>

/** Little-endian float32 under the wire's own word, a third of the bytes of JSON numbers. */
export const float32: Base64 = { format: "base64", holds: "float32" }

const standard = {
  path: "/embeddings",
  keyHeader: "authorization",
  headers: {},
  maxTokens: undefined,
  base64: undefined,
  dimensionsField: "dimensions",
  inputTypes: undefined,
  requestIdHeaders: ["x-request-id"]
} as const satisfies Partial<Vendor>

/** A vendor from its facts; what they leave out is what most servers of this wire do. */
export const define = <const Type extends string = never>(facts: Facts<Type>): Vendor<Type> => ({
  ...standard,
  ...facts
})
