/** What of a model besides its name decides its answers: part of the journal's key. */
import { hash, Seed } from "@consortium/core/Seed"

export const wireOf = (model: { readonly provider: string }, options?: object): string => {
  const wire = `ai-sdk.${model.provider}`
  return options === undefined ? wire : `${wire}+${hash(Seed.make(0), JSON.stringify(options)).toString(16)}`
}
