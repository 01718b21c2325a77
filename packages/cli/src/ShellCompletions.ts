/** Scripts that complete the command in a shell: Effect's, with names of vendors, files and folders where values are such. */
import type { Command } from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import { chatVendors, embedderVendors } from "./Registry.js"

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

const oneOf = (values: ReadonlyArray<string>) => ({ _tag: "Choice", values }) as const
const path = (pathType: "file" | "directory") => ({ _tag: "Path", pathType }) as const

const chat = oneOf(chatVendors.map((vendor) => `${vendor}/`))
const embedders = oneOf(embedderVendors.map((vendor) => (vendor === "lexical" ? "lexical/default" : `${vendor}/`)))

/** What stands behind a flag, where the parser only knows that it is a text. */
const values: Readonly<Record<string, Completions.FlagType>> = {
  member: chat,
  judge: chat,
  embedder: embedders,
  out: path("directory"),
  config: path("file"),
  calibration: path("file"),
  "held-out": path("file"),
  schema: path("file"),
  store: path("file"),
  write: path("file")
}

/** Files and folders by the names of their places. */
const places: Readonly<Record<string, Completions.ArgumentType>> = {
  prompts: path("file"),
  answers: path("file"),
  picks: path("file"),
  run: path("directory")
}

/** Flags that are said more than once. */
const repeatable = ["member", "judge", "check", "held-out", "language"]

const named = (command: Completions.CommandDescriptor): Completions.CommandDescriptor => ({
  ...command,
  flags: command.flags.map((flag) => ({ ...flag, type: values[flag.name] ?? flag.type })),
  arguments: command.arguments.map((argument) => ({ ...argument, type: places[argument.name] ?? argument.type })),
  subcommands: command.subcommands.map(named)
})

/** Flags whose vendors have models that are known: behind the slash the command itself is asked for them. */
const asksForModels = ["member", "judge"]

const bash = (script: string, name: string): string =>
  repeatable
    .reduce((text, flag) => text.replaceAll(new RegExp(`^ +--${flag}\\) _used_\\d+=1 ;;\\n`, "gm"), ""), script)
    .replace(
      `complete -F _${name} ${name}`,
      `_${name}_refs()
{
  case "$3:$2" in
    ${asksForModels.map((flag) => `--${flag}:?*/*`).join("|")})
      COMPREPLY=( $(compgen -W "$(${name} models "\${2%%/*}" --names 2>/dev/null)" -- "$2") )
      return 0
      ;;
  esac
  _${name} "$@"
  [[ "\${COMPREPLY[0]}" == */ ]] && compopt -o nospace 2>/dev/null
  return 0
}

complete -F _${name}_refs ${name}`
    )

const zsh = (script: string, name: string): string => {
  const said = repeatable.reduce((text, flag) => text.replaceAll(`'(--${flag})--${flag}`, `'*--${flag}`), script)
  const refs = said.replaceAll(
    new RegExp(`('\\*--(?:${asksForModels.join("|")})\\[[^\\]]*\\]:value:)\\([^()']*\\)'`, "g"),
    `$1_${name}_refs'`
  )
  const choose = `_${name}_refs() {
  if [[ "$PREFIX" == ?*/* ]]; then
    compadd -- \${(f)"$(${name} models "\${PREFIX%%/*}" --names 2>/dev/null)"}
  else
    compadd -S "" -- ${chat.values.join(" ")}
  fi
}
`
  return refs
    .replaceAll(/:value:\(([^()']*\/[^()']*)\)'/g, ':value:{compadd -S "" -- $1}\'')
    .replace("# Handle both direct invocation", `${choose}\n# Handle both direct invocation`)
}

const fish = (script: string, name: string): string =>
  `${script}

function __${name}_models
  set -l word (commandline -ct)
  string match -q '?*/*' -- $word; and ${name} models (string split -m1 / -- $word)[1] --names 2>/dev/null
end
${asksForModels.map((flag) => `complete -c ${name} -l ${flag} -x -a '(__${name}_models)'`).join("\n")}`

/** A space after `vendor/` would have to be taken back, save in fish, which adds none; and a flag that was said can be said again. */
const finished = { bash, zsh, fish } satisfies Readonly<Record<Shell, (script: string, name: string) => string>>

/** The script of a shell for a command. */
export const script = (command: Command.Any, shell: Shell): string => {
  const { name } = command
  const text = Completions.generate(name, shell, named(Completions.fromCommand(command)))
  return `${finished[shell](text, name).replaceAll(`${name} --completions`, `${name} completions`)}\n`
}
