/**
 * The plan beside the fact, on simulated vendors with known prices: a preview of a few prompts, what it says of the
 * rest, and what the rest then took; several seeds. `node benchmarks/plan.ts [prompts] [previewed] [seeds]`
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const said = (at: number, otherwise: number) => Number(process.argv[at] ?? otherwise)
const prompts = said(2, 160)
const previewed = said(3, 32)
const seeds = said(4, 3)
const bin = fileURLToPath(new URL("../packages/cli/dist/bin.js", import.meta.url))
const topics = ["rain", "bread", "primes", "chess", "volcanoes", "sonnets", "taxes", "bees", "tides", "glass"]
const folder = mkdtempSync(join(tmpdir(), "consortium-plan-bench-"))
const file = join(folder, "prompts.txt")
const lines = Array.from({ length: prompts }, (_, i) => {
  const topic = topics[i % topics.length]
  return `Question ${i}: what should I know about ${topic}${" and its neighbours".repeat(i % 7)} on day ${i * 7}?`
})
writeFileSync(file, `${lines.join("\n")}\n`)

const command = (words: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...words, "--json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1e9
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}

const off = (said: number, was: number) => `${said >= was ? "+" : ""}${(((said - was) / was) * 100).toFixed(1)} %`

console.log(`${prompts} prompts, ${previewed} previewed, 3 members, 3 judges, 16 calls in flight`)
console.log("seed  planned    took       off       planned   took      off")
try {
  for (let seed = 1; seed <= seeds; seed++) {
    const words = [
      ...[file, "--target", String(prompts), "--seed", String(seed), "--out", `o${seed}`, "--concurrency", "16"],
      ...["scholar", "plain", "sloppy"].flatMap((name) => ["--member", `simulated/${name}`]),
      ...["careful", "brisk", "rambler"].flatMap((name) => ["--judge", `simulated/${name}`])
    ]
    const plan = command(["preview", ...words, "-n", String(previewed)]).at(-1)
    const started = performance.now()
    const finished = command(["run", ...words]).at(-1)
    const millis = performance.now() - started
    const money = `$${plan.usd.expected.toFixed(4).padEnd(9)} $${finished.usd.toFixed(4).padEnd(9)} ${off(plan.usd.expected, finished.usd).padEnd(9)}`
    const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`.padEnd(9)
    console.log(
      `${String(seed).padEnd(5)} ${money} ${seconds(plan.millis.expected)} ${seconds(millis)} ${off(plan.millis.expected, millis)}`
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
