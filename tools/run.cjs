// Runs the root scripts with the right Node and pnpm. In old syntax on purpose: an old Node has to get this far.
var spawn = require("child_process").spawn
var spawnSync = require("child_process").spawnSync
var fs = require("fs")
var path = require("path")

var node = "24.21.0"
var pnpm = "11.28.11"
var root = path.join(__dirname, "..")
var cli = "packages/cli/dist/bin.js"

var demo = [
  "node", cli, "run", "examples/demo/prompts.jsonl", "--out", "demo-out", "--target", "12", "--seed", "7", "--concurrency", "64",
  "--member", "simulated/scholar", "--member", "simulated/plain", "--member", "simulated/sloppy",
  "--judge", "simulated/careful", "--judge", "simulated/brisk", "--judge", "simulated/rambler"
].join(" ")

var tasks = {
  demo: [install("--filter @consortium/cli..."), "pnpm --silent --filter @consortium/cli bundle", demo],
  test: [install(""), "pnpm exec turbo run build --output-logs=errors-only", "pnpm exec vitest run"]
}

function install(filter) {
  return "pnpm " + filter + " install --frozen-lockfile --prefer-offline --loglevel=warn"
}

function atLeast(version, major, minor) {
  var parts = String(version).split(".")
  return Number(parts[0]) > major || (Number(parts[0]) === major && Number(parts[1]) >= minor)
}

function hasTools() {
  if (!atLeast(process.versions.node, 22, 19)) return false
  var asked = spawnSync("pnpm --version", { cwd: root, shell: true, encoding: "utf8" })
  return asked.status === 0 && atLeast(asked.stdout.trim(), 11, 0)
}

// Runs one line in the shell; the exit code of the first that fails is ours.
function run(lines, done) {
  if (lines.length === 0) return done(0)
  var child = spawn(lines[0], { cwd: root, shell: true, stdio: "inherit" })
  var forward = function (signal) {
    child.kill(signal)
  }
  process.on("SIGTERM", forward)
  // Ctrl-C reaches the child by itself; this process waits for it.
  var wait = function () {}
  process.on("SIGINT", wait)
  child.on("error", function (error) {
    process.stderr.write(String(error) + "\n")
    done(1)
  })
  child.on("exit", function (code, signal) {
    process.removeListener("SIGTERM", forward)
    process.removeListener("SIGINT", wait)
    if (code !== 0) return done(code === null ? (signal === "SIGINT" ? 130 : 1) : code)
    run(lines.slice(1), done)
  })
}

var words = process.argv.slice(2)
var name = words[0]
var lines = name === "exec" ? [words.slice(1).join(" ")] : tasks[name]
if (lines === undefined) {
  process.stderr.write("usage: node tools/run.cjs demo | test | exec <command>\n")
  process.exit(2)
}
if (!hasTools() && process.env.CONSORTIUM_TOOLS !== "fetched") {
  process.env.CONSORTIUM_TOOLS = "fetched"
  var again = "node " + JSON.stringify(__filename) + " " + words.map(function (word) {
    return JSON.stringify(word)
  }).join(" ")
  var quoted = process.platform === "win32" ? '"' + again.replace(/"/g, '\\"') + '"' : "'" + again + "'"
  process.stderr.write("fetching Node " + node + " and pnpm " + pnpm + " from the npm registry\n")
  run(["npx -y -p node@" + node + " -p pnpm@" + pnpm + " -c " + quoted], process.exit)
} else {
  // A dataset of an earlier demo would be gone on with instead of made.
  if (name === "demo") fs.rmSync(path.join(root, "demo-out"), { recursive: true, force: true })
  run(lines, process.exit)
}
