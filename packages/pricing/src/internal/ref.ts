/** `vendor[.wire]/model` in two. */
export const parts = (ref: string): readonly [vendor: string, model: string] => {
  const slash = ref.indexOf("/")
  const vendor = ref.slice(0, Math.max(0, slash))
  return [vendor.split(".")[0] ?? vendor, ref.slice(slash + 1)]
}
