/** The README of an exported folder: what is in it, where it comes from, and how `datasets.load_dataset` finds it. */
import type { Left } from "./Choice.js"
import { termsOf } from "./SourceTerms.js"

export interface Part {
  readonly split: string
  /** Below the folder. */
  readonly path: string
  readonly rows: number
}

export interface Config {
  readonly name: string
  readonly parts: ReadonlyArray<Part>
  /** Rows that were not made, by reason. */
  readonly left: Readonly<Partial<Record<Left, number>>>
}

/** Distance of the worst served prompt to its nearest chosen one, mean cosine to it, and how many wholly different prompts the chosen are worth. */
interface Measured {
  readonly radius: number
  readonly meanNearest: number
  readonly vendi: number
}

type Between = readonly [low: number, high: number] | null

/** What is known of the run; absent facts are said to be unknown. */
export interface RunFacts {
  readonly simulated?: boolean
  readonly version?: string
  readonly seed?: number
  readonly selection?: {
    readonly stopped: string
    readonly nextCosine: number | null
    readonly of: number
    readonly space: string
    /** A rule of the program's own, or none: every prompt was taken. @default "fence" */
    readonly by?: "fence" | "own" | "all"
    /** How well the chosen stand for all, beside a random draw of as many. */
    readonly coverage?: { readonly chosen: Measured; readonly random: Measured; readonly measured: number }
  }
  readonly members?: ReadonlyArray<{
    readonly id: string
    readonly model?: string
    readonly answered: number
    readonly failed: number
    readonly chosen: number
  }>
  readonly judges?: ReadonlyArray<{
    readonly id: string
    readonly weight?: number
    readonly instability?: number | null
    readonly first?: number | null
    readonly ownExcess?: number | null
    readonly longer?: number | null
    /** 95 % intervals of the three. */
    readonly intervals?: { readonly first: Between; readonly ownExcess: Between; readonly longer: Between }
    readonly removed?: boolean
  }>
}

export interface Facts {
  /** Ranked prompts that were read. */
  readonly prompts: number
  /** Answers left out since a better ranked one says nearly the same. */
  readonly near: number
  readonly configs: ReadonlyArray<Config>
  /** What was asked for, by name. */
  readonly choice: Readonly<Record<string, string | number | boolean>>
  readonly run: RunFacts
  /** Who wrote the answers of the rows, as the answers themselves say. */
  readonly models?: ReadonlyArray<{ readonly model: string; readonly answers: number; readonly chosen: number }>
}

const sizes = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"] as const

const sizeOf = (rows: number): string => sizes[Math.max(0, String(rows).length - 3)] ?? "n>10M"

const total = ({ parts }: Config): number => parts.reduce((sum, { rows }) => sum + rows, 0)

/** A cell of a table, whatever a name holds. */
const cell = (value: unknown): string =>
  value === undefined || value === null ? "unknown" : String(value).replace(/[\r\n|\\`<>]/g, " ")

const fixed = (value: number | null | undefined): string | null =>
  value === undefined || value === null ? null : value.toFixed(2)

/** A rate, with what it may be by chance. */
const within = (value: number | null | undefined, between: Between | undefined): string | null => {
  const said = fixed(value)
  return said === null || between === undefined || between === null
    ? said
    : `${said} (${between[0].toFixed(2)} to ${between[1].toFixed(2)})`
}

const row = (...cells: ReadonlyArray<unknown>): string => `| ${cells.map(cell).join(" | ")} |`

const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<unknown>>): ReadonlyArray<string> => [
  row(...heads),
  `|${heads.map(() => "---|").join("")}`,
  ...rows.map((cells) => row(...cells))
]

/** The fields that the Hub and `datasets` read (huggingface.co/docs/hub/datasets-manual-configuration). */
const frontMatter = (configs: ReadonlyArray<Config>): ReadonlyArray<string> => [
  "---",
  "pretty_name: Ranked answers",
  `size_categories:\n- ${sizeOf(Math.max(0, ...configs.map(total)))}`,
  "task_categories:\n- text-generation",
  "tags:\n- synthetic\n- preference\n- consortium",
  ...(configs.length === 0 ? [] : ["configs:"]),
  ...configs.flatMap(({ name, parts }, at) => [
    `- config_name: ${name}`,
    ...(at === 0 ? ["  default: true"] : []),
    "  data_files:",
    ...parts.map(({ path, split }) => `  - split: ${split}\n    path: ${JSON.stringify(path)}`)
  ]),
  "---"
]

const memberRows = ({ members = [], simulated }: RunFacts) =>
  members.map(({ answered, chosen, failed, id, model }) => {
    const terms = simulated === true ? undefined : termsOf(model ?? id)
    const training = terms === undefined ? null : `${terms.training} (${terms.url})`
    return [id, model, answered, failed, chosen, simulated === true ? "simulated" : terms?.licence, training]
  })

const selectionText = ({ selection }: RunFacts, prompts: number): string => {
  if (selection === undefined) return "How the prompts were selected is unknown."
  const { by = "fence", nextCosine, of, space, stopped } = selection
  if (by === "all") return `No prompt was selected: all ${of} were taken; ${prompts} of them have a ranking.`
  const rule = by === "own" ? "by a rule of the program's own" : `by how unlike they are, in the space ${cell(space)}`
  const next = nextCosine === null ? "" : `, the next one's cosine was ${nextCosine.toFixed(3)}`
  return `The prompts were selected from ${of} ${rule} (stopped: ${stopped}${next}); ${prompts} of them have a ranking.`
}

/** What the members' names don't say: answers that were given, or that a service had another model write. */
const modelRows = ({ models = [], run }: Facts): ReadonlyArray<string> =>
  models.length === 0
    ? []
    : [
        "As the answers themselves name their models:",
        "",
        ...table(
          ["model", "answers", "chosen", "licence or terms", "training on its output"],
          models.map(({ answers, chosen, model }) => {
            const terms = termsOf(model)
            const training = terms === undefined ? null : `${terms.training} (${terms.url})`
            return [model, answers, chosen, terms?.licence ?? (run.simulated === true ? "simulated" : null), training]
          })
        ),
        ""
      ]

/** `datasets` reads a folder with one builder: configurations of other kinds of files than the first are loaded by path. */
const together = (configs: ReadonlyArray<Config>): ReadonlyArray<Config> => {
  const kind = ({ parts: [part] }: Config) => part?.path.replace(/^[^.]*/, "")
  const some = configs.filter((config) => total(config) > 0)
  const [first] = some
  return first === undefined ? [] : some.filter((config) => kind(config) === kind(first))
}

const coverageRows = ({ selection }: RunFacts): ReadonlyArray<string> => {
  const coverage = selection?.coverage
  if (coverage === undefined) return []
  const { chosen, measured, random } = coverage
  return [
    ...table(
      ["coverage", "chosen", "a random draw of as many"],
      [
        ["distance of the worst served prompt to its nearest chosen one", fixed(chosen.radius), fixed(random.radius)],
        ["mean cosine of a prompt to its nearest chosen one", fixed(chosen.meanNearest), fixed(random.meanNearest)],
        ["wholly different prompts they are worth (Vendi score)", fixed(chosen.vendi), fixed(random.vendi)]
      ]
    ),
    "",
    `Measured on ${measured} prompts.`,
    ""
  ]
}

/** The whole text. */
export const render = (facts: Facts): string => {
  const { choice, configs, near, prompts, run } = facts
  return [
    ...frontMatter(together(configs)),
    "",
    "# Ranked answers",
    "",
    run.simulated === true
      ? "**Simulated: nothing here was said by a real model.**"
      : "Prompts, each answered by several models; judges who did not know the authors ranked the answers.",
    "",
    "## Rows",
    "",
    ...table(
      ["configuration", "split", "rows", "file"],
      configs.flatMap(({ name, parts }) => parts.map(({ path, rows, split }) => [name, split, rows, path]))
    ),
    "",
    `Read: ${prompts} ranked prompts. Answers left out since a better ranked one says nearly the same: ${near}.`,
    ...configs.flatMap(({ left, name }) => {
      const reasons = Object.entries(left)
      return reasons.length === 0
        ? []
        : [`Not made for ${name}: ${reasons.map(([why, n]) => `${n} ${why}`).join(", ")}.`]
    }),
    "",
    "Asked for: " +
      Object.entries(choice)
        .map(([name, value]) => `\`${name}\` ${cell(value)}`)
        .join(", ") +
      ".",
    "",
    "## Prompts",
    "",
    selectionText(run, prompts),
    "",
    ...coverageRows(run),
    "## Models that answered",
    "",
    ...table(
      ["member", "model", "answers", "failed", "chosen", "licence or terms", "training on its output"],
      memberRows(run)
    ),
    "",
    ...modelRows(facts),
    "Terms are a help to look further, not advice; `unknown` means that nobody wrote them down here, not that there are none. The licence of this dataset is for you to choose, within them and within that of the prompts.",
    "",
    "## Judges",
    "",
    "`instability`: how often two orders of showing the same pair name no common winner. `prefers first`: how often the answer shown earlier wins (0.5 is no bias). `own answers`: preference for own answers beyond that of the others. `prefers longer`: how often the longer answer wins; what is better may be longer. In brackets 95 % intervals.",
    "",
    ...table(
      ["judge", "weight", "instability", "prefers first", "own answers", "prefers longer", "removed"],
      (run.judges ?? []).map((judge) => [
        judge.id,
        fixed(judge.weight),
        fixed(judge.instability),
        within(judge.first, judge.intervals?.first),
        within(judge.ownExcess, judge.intervals?.ownExcess),
        within(judge.longer, judge.intervals?.longer),
        judge.removed === true ? "yes" : "no"
      ])
    ),
    "",
    `Seed ${cell(run.seed)}, made with Consortium ${cell(run.version)}. The same run exported in the same way gives the same bytes.`,
    ""
  ].join("\n")
}
