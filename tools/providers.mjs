// Writes the tables of vendors in docs/providers.md and in a README from the vendors' own files and the command's registry.
// `node tools/providers.mjs` writes; with `--check` it only says what is out of date, and fails.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

// Sources, not builds: packages resolve to them, and what they import as `.js` lies there as `.ts`.
registerHooks({
  resolve: (specifier, context, next) => {
    const typed = specifier.startsWith(".") && specifier.endsWith(".js") ? `${specifier.slice(0, -3)}.ts` : undefined
    if (typed !== undefined && context.parentURL?.endsWith(".ts") && existsSync(new URL(typed, context.parentURL)))
      return next(typed, context)
    return next(specifier, { ...context, conditions: [...context.conditions, "source"] })
  }
})
const source = (path) => import(pathToFileURL(join(root, path)).href)

const isVendor = (value) => typeof value?.id === "string" && typeof value.apiKey?.variable === "string"

/** The vendors of each package of a family, with the package. */
async function vendorsOf(family) {
  const found = []
  for (const name of readdirSync(join(root, "packages")).filter((one) => one.startsWith(family))) {
    for (const file of ["Vendors.ts", "Vendor.ts"]) {
      const path = `packages/${name}/src/${file}`
      if (!existsSync(join(root, path))) continue
      const { vendors, ...others } = await source(path)
      for (const vendor of Object.values(vendors ?? others).filter(isVendor)) {
        if (!found.some((one) => one.name === name && one.vendor.id === vendor.id)) found.push({ name, vendor })
      }
    }
  }
  return found
}

/** Recorded exchanges, and how many passed, by vendor and wire, as docs/conformance.md says. */
const recorded = [
  ...readFileSync(join(root, "docs/conformance.md"), "utf8").matchAll(/^\| ([\w-]+) (\w+) \| (\d+) \| (\d+) \|/gm)
].map(([, vendor, wire, all, passed]) => ({ vendor, wire, all: Number(all), passed: Number(passed) }))

/** Vendors and wires that the recordings name otherwise. */
const recordedAs = { google: "gemini", "generate-content": "generateContent", "cohere chat": "v2" }

function exchangesOf(id, wires) {
  const rows = recorded.filter(
    ({ vendor, wire }) =>
      vendor === (recordedAs[id] ?? id) &&
      wires.some((one) => wire === (recordedAs[`${id} ${one}`] ?? recordedAs[one] ?? one))
  )
  const sum = (of) => rows.reduce((total, row) => total + row[of], 0)
  return rows.length === 0 ? "–" : `${sum("passed")} of ${sum("all")}`
}

const code = (text) => `\`${text}\``

/** What a request can ask of a vendor of the chat wire, by the named fields of its file. */
function features(vendor) {
  if (vendor.responseFormat === undefined) return "all of its wire"
  const schemas = { json_schema: "schemas", json_object: "JSON, schema in words", none: "schema in words" }
  return [
    schemas[vendor.responseFormat],
    ...(vendor.effortStyle !== "none" || vendor.thinkingSwitch !== "none" ? ["effort"] : []),
    ...(vendor.reasoningReplay !== "none" ? ["reasoning goes back"] : []),
    ...(vendor.cacheMarks ? ["cache marks"] : []),
    ...(vendor.cost !== undefined ? ["states its price"] : []),
    ...(vendor.drops.length > 0 ? [`not sent: ${vendor.drops.join(", ")}`] : [])
  ].join("; ")
}

const key = ({ apiKey: { optional, variable } }) => code(variable) + (optional ? " (optional)" : "")
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const { chatVendors, embedderVendors } = await source("packages/cli/src/Registry.ts")
const { ownEmbedders } = await source("packages/cli/src/internal/ownEmbedders.ts")
const { localModels } = await source("packages/cli/src/internal/localModels.ts")
const { ownWires } = await source("packages/cli/src/internal/ownWires.ts")
const chats = await vendorsOf("providers-")
const embedders = await vendorsOf("embedders-")

/** Packages by what is their own in the name: `openai-compatible`. */
const links = (family, names) => names.map((name) => `[${name.slice(family.length)}](../packages/${name})`).join(", ")

/** An address as it is used; some have none that is everyone's. */
const address = ({ baseUrl, baseUrlVariable }) => {
  const shown = baseUrl === undefined ? "its region's" : /\.invalid\b/.test(baseUrl) ? "one's own" : code(baseUrl)
  return `${shown} (${code(baseUrlVariable)})`
}

const chatRows = chatVendors
  .filter((id) => id !== "simulated" && !Object.hasOwn(localModels, id))
  .map((id) => {
    const serving = chats.filter(({ vendor }) => vendor.id === id)
    const vendor = ownWires[id] ?? serving[0]?.vendor
    if (vendor === undefined) throw new Error(`${id} is in the command's registry, and no package has its facts`)
    const wires = Object.keys(ownWires[id]?.wires ?? { chat: true })
    return [
      code(id),
      key(vendor),
      `${wires.join(", ")}: ${links("providers-", [...new Set(serving.map(({ name }) => name))])}`,
      address(vendor),
      features(vendor),
      exchangesOf(id, wires),
      embedders.some((one) => one.vendor.id === id) ? "yes" : "–"
    ]
  })

const embedderRows = embedderVendors.map((id) => {
  const serving = embedders.filter(({ vendor }) => vendor.id === id)
  const vendor = ownEmbedders[id] ?? serving[0]?.vendor
  const wires = Object.keys(ownEmbedders[id]?.wires ?? {})
  const names = vendor === undefined ? [`embedders-${id}`] : [...new Set(serving.map(({ name }) => name))]
  return [
    code(id),
    vendor === undefined ? "none needed" : key(vendor),
    vendor === undefined ? "in this process" : address(vendor),
    vendor?.maxBatch === undefined ? "–" : String(vendor.maxBatch),
    (wires.length > 1 ? `${wires.join(", ")}: ` : "") + links("embedders-", names)
  ]
})

const compatible = chats.filter(({ name }) => name === "providers-openai-compatible").map(({ vendor }) => vendor)

const tables = {
  "docs/providers.md": {
    chat: table(
      [
        `vendor (${chatRows.length})`,
        "key",
        "wires: packages",
        "address (its variable)",
        "takes",
        "recorded",
        "embeds"
      ],
      chatRows
    ),
    embedders: table(
      [`vendor (${embedderRows.length})`, "key", "address (its variable)", "texts a call", "package"],
      embedderRows
    )
  },
  "packages/providers-openai-compatible/README.md": {
    vendors: `${compatible.length} vendors: ${compatible.map(({ id }) => code(id)).join(", ")}.`
  }
}

const stale = Object.entries(tables).flatMap(([file, parts]) => {
  const before = readFileSync(join(root, file), "utf8")
  const after = Object.entries(parts).reduce((text, [name, rows]) => {
    const place = new RegExp(`(<!-- ${name}: tools/providers.mjs -->\\n)[^]*?(<!-- end -->)`)
    if (!place.test(text)) throw new Error(`${file} has no place for the table ${name}`)
    return text.replace(place, (_, begin, end) => `${begin}${rows}\n${end}`)
  }, before)
  return before === after ? [] : [{ file, after }]
})
if (process.argv.includes("--check")) {
  for (const { file } of stale) console.error(`out of date: ${file}; run node tools/providers.mjs`)
  if (stale.length > 0) process.exit(1)
  console.log(
    `providers: ${chatRows.length} vendors that answer and ${embedderRows.length} that embed are in the tables`
  )
} else {
  for (const { after, file } of stale) {
    writeFileSync(join(root, file), after)
    console.log(`wrote ${file}`)
  }
}
