/** `consortium export`: a run's dataset in the shapes that trainers load, with its card. */
import { relative } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { ExportConflict, type Exported, exportDataset } from "@consortium/pipeline/ExportDataset"
import { exitCodes } from "./internal/endings.js"
import { environment } from "./internal/environment.js"
import type { ExportFlags } from "./internal/exportFlags.js"
import { ended } from "./internal/failures.js"

const program = ({ as: container, format, json: _, ...options }: ExportFlags) =>
  isNonEmpty(format)
    ? exportDataset({ ...options, formats: format, ...(container !== undefined && { container }) })
    : Effect.fail(new ExportConflict({ detail: "name at least one format: --format openai, for instance" }))

/** Lines for stdout. */
const render = ({ configs, files, near, out, prompts }: Exported): string =>
  [
    `Consortium export: ${prompts} ranked prompts${near === 0 ? "" : `, ${near} answers said nearly what a better one says`}`,
    ...configs.flatMap(({ left, name, parts }) => [
      `  ${name.padEnd(10)}${parts.length === 0 ? "no rows" : parts.map(({ rows, split }) => `${rows} ${split}`).join(", ")}`,
      ...Object.entries(left).map(([why, count]) => `    left out: ${count} ${why}`)
    ]),
    `files in ${out}`,
    `  ${files.map((file) => relative(out, file)).join("  ")}`,
    ""
  ].join("\n")

const finished = (exported: Exported, json: boolean): number => {
  process.stdout.write(json ? `${JSON.stringify({ _tag: "Exported", ...exported })}\n` : render(exported))
  if (exported.configs.some(({ parts }) => parts.length > 0)) return exitCodes.done
  process.stderr.write("consortium: nothing was good enough: ask for less margin, agreement or chance\n")
  return exitCodes.failed
}

/** Exports to an exit code; nothing that happens inside is thrown. */
export const execute = async (flags: ExportFlags, options: { readonly signal: AbortSignal }): Promise<number> => {
  const exit = await Effect.runPromiseExit(Effect.provide(program(flags), environment), { signal: options.signal })
  return Exit.isSuccess(exit) ? finished(exit.value, flags.json) : ended(exit.cause, flags.json)
}
