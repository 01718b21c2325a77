/** Reads a sheet's labels out of what a judge wrote for them. */
import type { Sheet } from "@consortium/core/Blind"
import type { Label } from "@consortium/core/Ids"

/** Reads ids and notes what had to be mended. */
export interface Reader {
  /** The label that an id stands for, without a note. */
  readonly one: (value: unknown) => Label | undefined
  /** Labels in a list or a string, each once. */
  readonly list: (value: unknown) => ReadonlyArray<Label>
  /** Groups of labels, best first, each label once; nothing where the value is no ranking at all. */
  readonly tiers: (value: unknown) => ReadonlyArray<ReadonlyArray<Label>> | undefined
}

const plain = (id: string): string =>
  id
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "")

/** Labels by their plain form; forms that two labels share name none. */
const plainForms = (labels: ReadonlyArray<Label>): ReadonlyMap<string, Label> => {
  const forms = new Map<string, Label | undefined>()
  for (const label of labels) forms.set(plain(label), forms.has(plain(label)) ? undefined : label)
  return new Map([...forms].flatMap(([form, label]) => (label === undefined ? [] : [[form, label] as const])))
}

/** `A > B = C` as groups; a comma ties where there is a `>`, and orders where there is none. */
const groupsOf = (written: string): ReadonlyArray<ReadonlyArray<string>> | undefined => {
  if (/[<≥≤≈~]|>=|=>|->/.test(written)) return undefined
  const ordered = /[>≻]/.test(written)
  if (!ordered && !written.includes("=")) return written.split(",").map((id) => [id])
  return written.split(/\s*[>≻]+\s*/).map((group) => group.split(/[=,]/))
}

export const reader = (sheet: Sheet, mend: (note: string) => void): Reader => {
  const labels = sheet.options.map((option) => option.label)
  const exact = new Map<string, Label>(labels.map((label) => [label, label]))
  const forms = plainForms(labels)
  const loose = (id: string): Label | undefined => {
    const form = plain(id)
    return forms.get(form) ?? forms.get(form.replace(/^(?:CANDIDATE|OPTION|ANSWER|RESPONSE)(?:ID)?/, ""))
  }
  const one = (value: unknown): Label | undefined =>
    typeof value === "string" ? (exact.get(value) ?? loose(value)) : undefined

  const noted = (value: unknown): Label | undefined => {
    const label = one(value)
    // No more of an unknown id than a reader needs to find it.
    if (label === undefined)
      mend(`unknown id dropped: ${(typeof value === "string" ? value : typeof value).slice(0, 40)}`)
    else if (label !== value) mend(`the id ${label} was written otherwise`)
    return label
  }
  const fresh = (values: ReadonlyArray<unknown>, seen: Set<Label>): ReadonlyArray<Label> =>
    values.flatMap((value) => {
      const label = noted(value)
      if (label === undefined) return []
      if (seen.has(label)) {
        mend(`${label} stands more than once: the first counts`)
        return []
      }
      seen.add(label)
      return [label]
    })

  return {
    one,
    list: (value) => {
      if (value === undefined || value === null || value === "") return []
      if (typeof value !== "string") return fresh(Array.isArray(value) ? value.flat() : [value], new Set())
      mend("unacceptable as a string")
      return fresh(value.split(","), new Set())
    },
    tiers: (value) => {
      if (typeof value === "string") mend("the ranking as a string")
      else if (!Array.isArray(value)) return undefined
      const entries: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
      const groups: Array<ReadonlyArray<unknown>> = []
      for (const entry of entries) {
        if (Array.isArray(entry)) groups.push(entry)
        else if (typeof entry !== "string") groups.push([entry])
        else if (exact.has(entry)) {
          mend("a flat ranking")
          groups.push([entry])
        } else {
          const read = groupsOf(entry)
          if (read === undefined) return undefined
          if (typeof value !== "string") mend("a flat ranking")
          groups.push(...read)
        }
      }
      const seen = new Set<Label>()
      return groups.map((group) => fresh(group, seen)).filter((group) => group.length > 0)
    }
  }
}
