/**
 * Arguments of a call that come in pieces, each with its place (cloud.google.com/vertex-ai/generative-ai/docs/multimodal/
 * function-calling, `streamFunctionCallArguments`). They are kept as trees of maps, which no name can harm.
 */
type Leaf = string | number | boolean | null
interface Branch {
  readonly isList: boolean
  readonly children: Map<string, Branch | Leaf>
}

export interface ArgumentPiece {
  /** A JSONPath of names and indexes, e.g. `$.where[0].city`. */
  readonly path: string
  readonly value: Leaf
}

/** As deep as an answer's JSON may be. */
const maxDepth = 128

const step = /\.([^.[]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** The names and, as numbers, the indexes of a path; nothing where it has other parts. */
const stepsOf = (path: string): ReadonlyArray<string | number> | undefined => {
  const out: Array<string | number> = []
  let end = 1
  while (end < path.length && out.length < maxDepth) {
    step.lastIndex = end
    const [found, name, index, ...quoted] = step.exec(path) ?? []
    if (found === undefined) return undefined
    end = step.lastIndex
    const words = name ?? quoted.find((it) => it !== undefined)?.replace(/\\(.)/g, "$1")
    out.push(words ?? Number(index))
  }
  return path.startsWith("$") && end === path.length ? out : undefined
}

const isBranch = (value: Branch | Leaf | undefined): value is Branch => typeof value === "object" && value !== null

/** Lists grow by one, so that an index cannot ask for more room than was sent. */
const fits = ({ children, isList }: Branch, at: string | number): boolean =>
  isList ? typeof at === "number" && at <= children.size : typeof at === "string"

const json = (value: Branch | Leaf): string => {
  if (!isBranch(value)) return JSON.stringify(value)
  const inner = [...value.children].map(([name, child]) =>
    value.isList ? json(child) : `${JSON.stringify(name)}:${json(child)}`
  )
  return value.isList ? `[${inner.join(",")}]` : `{${inner.join(",")}}`
}

/** The arguments of one call in the making. */
export class Arguments {
  private readonly root: Branch = { isList: false, children: new Map() }

  /** Texts grow, other values are whole; a piece that fits nowhere is left out. */
  add({ path, value }: ArgumentPiece): void {
    const steps = stepsOf(path)
    if (steps === undefined) return
    let branch = this.root
    for (const [depth, at] of steps.entries()) {
      if (!fits(branch, at)) return
      const known = branch.children.get(String(at))
      const next = steps[depth + 1]
      if (next === undefined) {
        branch.children.set(String(at), typeof known === "string" && typeof value === "string" ? known + value : value)
      } else {
        const child = isBranch(known) ? known : { isList: typeof next === "number", children: new Map() }
        branch.children.set(String(at), child)
        branch = child
      }
    }
  }

  get text(): string {
    return json(this.root)
  }
}
