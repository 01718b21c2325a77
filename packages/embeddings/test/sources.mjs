// Lets Node run the sources in a process of its own: their imports name the files that a build makes.
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith(".") && specifier.endsWith(".js") && context.parentURL?.endsWith(".ts")
      ? next(specifier.replace(/\.js$/, ".ts"), context)
      : next(specifier, context)
})
