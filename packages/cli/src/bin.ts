#!/usr/bin/env node
// In old syntax on purpose: an old Node has to get as far as the sentence that says which one is needed.
var version = process.versions.node.split(".")
if (Number(version[0]) < 22 || (version[0] === "22" && Number(version[1]) < 19)) {
  process.stderr.write(
    "consortium needs Node 22.19 or newer; this is " +
      process.version +
      ": install a newer one, or run it with npx -p node@24 consortium\n"
  )
  process.exitCode = 2
} else if (process.argv.length === 3 && process.argv[2] === "--version") {
  process.stdout.write("consortium " + __VERSION__ + "\n")
} else {
  // Node 22 calls its SQLite and its reading of TypeScript experimental, and a configuration may stand in a package
  // without a type: nothing that a user has to act on.
  process.removeAllListeners("warning")
  process.on("warning", function (warning) {
    var code = "code" in warning ? warning.code : ""
    if (code !== "MODULE_TYPELESS_PACKAGE_JSON" && !/SQLite|Type Stripping/i.test(warning.message)) {
      process.stderr.write(warning.name + ": " + warning.message + "\n")
    }
  })
  var words = process.argv.slice(2)
  var start = function () {
    return import("node:module")
      .then(function (module) {
        // A third of the start is parsing, which Node can keep for the next time; Deno has no such thing.
        if (module.enableCompileCache) module.enableCompileCache()
        return import("./Main.js")
      })
      .then(function (main) {
        return main.main(words)
      })
  }
  // The pages of help are written once, when the command is built: the parser takes longer to load than to read them.
  var pages = "./help.js"
  if (words[words.length - 1] !== "--help") start()
  else {
    import(pages).then(function (written) {
      var page = written.help[words.join(" ")]
      if (page === undefined) return start()
      process.stdout.write(page)
    }, start)
  }
}
