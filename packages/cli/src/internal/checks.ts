/** Rules before judges, from their names. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Schema from "effect/Schema"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import { command } from "@consortium/verifiers/Command"
import { exactMatch } from "@consortium/verifiers/ExactMatch"
import { jsonSchema } from "@consortium/verifiers/JsonSchema"
import * as Marks from "@consortium/verifiers/Marks"
import { closest } from "fastest-levenshtein"
import { UsageError } from "../Settings.js"

const names = ["refused", "truncated", "language", "exact:FIELD", "schema:FILE", "command:PROGRAM", "none"]

const decodeSchema = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

const wrong = (name: string, detail: string) => new UsageError({ detail: `--check ${name}: ${detail}` })

const schemaOf = Effect.fnUntraced(function* (name: string, file: string) {
  const text = yield* Effect.mapError(
    FileSystem.FileSystem.use((files) => files.readFileString(file)),
    () => wrong(name, "no such file: check the path")
  )
  const schema = yield* Effect.mapError(decodeSchema(text), () => wrong(name, "the file is no JSON object"))
  return yield* Effect.mapError(Effect.fromResult(jsonSchema(schema)), (error) => wrong(name, error.message))
})

/** A program that is not there would fail every answer, after it was paid for. */
const isThere = (program: string): boolean => {
  const folders = /[\\/]/.test(program) ? [""] : (process.env.PATH ?? "").split(delimiter)
  const endings = ["", ...(process.env.PATHEXT ?? "").split(";")]
  return folders.some((folder) =>
    endings.some((ending) => {
      try {
        accessSync(join(folder, program + ending), constants.X_OK)
        return true
      } catch {
        return false
      }
    })
  )
}

/** Words between spaces; quotation marks hold some together. */
const wordsOf = (said: string): ReadonlyArray<string> =>
  (said.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll(/^(["'])(.*)\1$/g, "$2"))

const commandOf = Effect.fnUntraced(function* (name: string, said: string) {
  const [program, ...words] = wordsOf(said)
  if (program === undefined || !isThere(program)) {
    return yield* wrong(name, `${program ?? "nothing"} is no program on this machine: check its name and PATH`)
  }
  const environment = Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))
  return yield* command({ run: [program, ...words] }, Object.fromEntries(environment))
})

const ruleOf = (said: string): Effect.Effect<CheckRule, UsageError, ChildProcessSpawner | FileSystem.FileSystem> => {
  const at = said.indexOf(":")
  const [kind, rest] = at < 0 ? [said, ""] : [said.slice(0, at), said.slice(at + 1)]
  if (said === "refused" || said === "truncated") return Effect.succeed(Marks[said])
  if (said === "language") return Marks.language
  if (kind === "exact" && rest !== "") return Effect.succeed(exactMatch({ field: rest }))
  if (kind === "schema" && rest !== "") return schemaOf(said, rest)
  if (kind === "command" && rest !== "") return commandOf(said, rest)
  return Effect.fail(wrong(said, `no such rule; did you mean ${closest(said, names)}?`))
}

/** The rules; `none` alone is no rule. */
export const checksOf = (said: ReadonlyArray<string | CheckRule>) =>
  Effect.forEach(
    said.filter((one) => one !== "none"),
    (one) => (typeof one === "string" ? ruleOf(one) : Effect.succeed(one))
  )
