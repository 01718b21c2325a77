/** The package's version, set when it is built. */
declare global {
  const __VERSION__: string
}

export const version: string = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0"
