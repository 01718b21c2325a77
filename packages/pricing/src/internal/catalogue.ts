/** The prices of `@pydantic/genai-prices`, by our names of vendors. They come with the package and are never fetched. */
import { calcPrice, findProvider, type PriceCalculation, type Usage } from "@pydantic/genai-prices"
import { parts } from "./ref.js"

/** When version 0.1.8 of the catalogue was made, at noon UTC. */
export const catalogueDate = Date.UTC(2026, 8, 23, 12)

/** Vendors that the catalogue knows by another name. */
const names: Readonly<Record<string, string>> = {
  bedrock: "aws",
  moonshot: "moonshotai",
  vertex: "google",
  voyage: "voyageai",
  xai: "x-ai"
}

/** The vendor's price of these tokens at a time, where it is known. */
export const priced = (ref: string, usage: Usage, at: number): PriceCalculation | undefined => {
  const [vendor, model] = parts(ref)
  const providerId = Object.hasOwn(names, vendor) ? (names[vendor] ?? vendor) : vendor
  // The catalogue guesses by likeness; another vendor's price is no price.
  if (findProvider({ providerId })?.id !== providerId) return undefined
  return calcPrice(usage, model, { providerId, timestamp: new Date(at) }) ?? undefined
}
