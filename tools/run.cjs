// Runs the root scripts with the right Node and pnpm. In old syntax on purpose: an old Node has to get this far.
var child_process = require("child_process")
var crypto = require("crypto")
var fs = require("fs")
var os = require("os")
var path = require("path")

var node = "24.21.0"
var pnpm = "11.28.11"
var root = path.join(__dirname, "..")

var demo =
  "node packages/cli/dist/bin.js run examples/demo/prompts.jsonl --out demo-out --target 12 --seed 7 --concurrency 64" +
  " --member simulated/scholar --member simulated/plain --member simulated/sloppy" +
  " --judge simulated/careful --judge simulated/brisk --judge simulated/rambler"

var build = "pnpm exec turbo run build --output-logs=errors-only"

function tasks(words) {
  return {
    demo: [
      install("--filter @consortium/cli... "),
      "pnpm --silent --filter @consortium/cli bundle",
      removeOutput,
      demo
    ],
    test: [install(""), build, "pnpm exec vitest run" + words],
    // What `npm test` does not prove; CI runs both.
    check: [install(""), build, "node tools/check.mjs" + words],
    fix: [install(""), "node tools/gen.mjs", "node tools/providers.mjs", "pnpm exec biome format --write ."],
    // The next version of every package, from what .changeset says; then the packages themselves, to npm.
    bump: [install(""), "pnpm exec changeset version", "node tools/gen.mjs", "pnpm install --lockfile-only"],
    publish: [install(""), build, "pnpm exec changeset publish"],
    exec: [words.slice(1)]
  }
}

// A dataset of an earlier demo would be gone on with instead of made.
function removeOutput() {
  fs.rmSync(path.join(root, "demo-out"), { recursive: true, force: true })
}

/**
 * Installs, unless the same lockfile was installed by the same tools before. A filter brings less than all; what has
 * all has it too.
 */
function install(filter) {
  var stamp = path.join(root, "node_modules", ".consortium-installed")
  return {
    line: "pnpm " + filter + "install --frozen-lockfile --prefer-offline --loglevel=warn",
    needed: function () {
      var found = fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8").split(" ")
      return !found || found[0] !== digest() || (found[1] !== "all" && found[1] !== filter.split(" ")[1])
    },
    done: function () {
      fs.writeFileSync(stamp, digest() + " " + (filter.split(" ")[1] || "all"))
    }
  }
}

/** What an installation follows from, and whether each package still has its own part of it. */
function digest() {
  var hash = crypto.createHash("sha256").update(process.platform + process.arch)
  var files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]
  fs.readdirSync(path.join(root, "packages"))
    .sort()
    .forEach(function (name) {
      files.push(path.join("packages", name, "package.json"))
      hash.update(name + fs.existsSync(path.join(root, "packages", name, "node_modules")))
    })
  files.forEach(function (file) {
    var full = path.join(root, file)
    hash.update(fs.existsSync(full) ? fs.readFileSync(full) : "-")
  })
  return hash.digest("hex")
}

function atLeast(version, major, minor) {
  var parts = String(version).split(".")
  return Number(parts[0]) > major || (Number(parts[0]) === major && Number(parts[1]) >= minor)
}

/** The tools that this machine lacks, as packages. */
function missing() {
  var asked = child_process.spawnSync("pnpm --version", { cwd: root, shell: true, encoding: "utf8" })
  return [
    atLeast(process.versions.node, 22, 19) ? "" : "node@" + node,
    asked.status === 0 && atLeast(asked.stdout.trim(), 11, 0) ? "" : "pnpm@" + pnpm
  ].filter(Boolean)
}

/** Takes the steps one after another; the exit code of the first that fails is ours. */
function run(steps, env, done) {
  if (steps.length === 0) return done(0)
  var step = steps[0]
  var next = function () {
    if (step.done) step.done()
    run(steps.slice(1), env, done)
  }
  if (typeof step === "function") {
    step()
    return next()
  }
  if (step.needed && !step.needed()) return run(steps.slice(1), env, done)
  // Without a terminal the whole family of a step is one group, so that a signal reaches what npx and shells have started.
  var group = process.platform !== "win32" && !process.stdin.isTTY
  var options = { cwd: root, shell: true, stdio: "inherit", env: env, detached: group }
  var child = child_process.spawn(step.line || step, options)
  var forward = function (signal) {
    // With a terminal, Ctrl-C reaches the child by itself; this process waits for it.
    if (group) process.kill(-child.pid, signal)
    else if (signal !== "SIGINT") child.kill(signal)
  }
  process.on("SIGTERM", forward)
  process.on("SIGINT", forward)
  child.on("error", function (error) {
    process.stderr.write(String(error) + "\n")
    done(1)
  })
  child.on("exit", function (code, signal) {
    process.removeListener("SIGTERM", forward)
    process.removeListener("SIGINT", forward)
    if (code !== 0) return done(code === null ? 128 + os.constants.signals[signal] : code)
    next()
  })
}

// The words travel in the environment where they would have to be quoted for a second shell.
var given = process.env.CONSORTIUM_RUN
var words = given === undefined ? process.argv.slice(2) : JSON.parse(given)
var all = tasks(
  words
    .slice(1)
    .map(function (word) {
      return " " + word
    })
    .join("")
)
if (!Object.prototype.hasOwnProperty.call(all, words[0])) {
  process.stderr.write("usage: node tools/run.cjs " + Object.keys(all).join(" | ") + " [words]\n")
  process.exit(2)
}
var fetched = given === undefined ? missing() : []
var env = Object.assign({}, process.env)
delete env.CONSORTIUM_RUN
if (fetched.length > 0) {
  env.CONSORTIUM_RUN = JSON.stringify(words)
  process.stderr.write("using " + fetched.join(" and ") + " from the npm registry; the first time takes a minute\n")
  var packages = fetched
    .map(function (one) {
      return "-p " + one + " "
    })
    .join("")
  run(["npx -y --loglevel=error --no-update-notifier " + packages + '-c "node tools/run.cjs"'], env, process.exit)
} else run(all[words[0]], env, process.exit)
