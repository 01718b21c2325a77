/** Models that run in this process, by their vendors: a name of one is the path of a file. */
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import * as Gguf from "@consortium/providers-llama-cpp/Gguf"
import type { LlamaCppError } from "@consortium/providers-llama-cpp/LlamaCppError"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** An optional peer: beside the command, or in the project that the command was called from. */
const beside = async (name: string): Promise<unknown> => {
  try {
    return await import(name)
  } catch (error) {
    const resolve = createRequire(join(process.cwd(), "package.json")).resolve
    try {
      return await import(pathToFileURL(resolve(name)).href)
    } catch {
      throw error
    }
  }
}

export const localModels = {
  gguf: (path) => Gguf.make({ path, load: () => beside("node-llama-cpp") })
} satisfies Readonly<Record<string, (path: string) => Effect.Effect<ChatModel<ModelError>, LlamaCppError, Scope.Scope>>>
