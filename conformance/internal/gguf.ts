/**
 * Writes a language model of a few hundred kilobytes as a GGUF file: the layers and the vocabulary are real, the weights
 * are drawn, so that it speaks nonsense, fast, and the same for the same seed. The format is that of docs/gguf.md in
 * ggml-org/ggml, the names of tensors and keys those of llama.cpp for the architecture `llama`.
 */
import { draws, Seed } from "@consortium/core/Seed"
import { writeFileSync } from "node:fs"

const types = { u32: 4, f32: 6, bool: 7, text: 8, list: 9 } as const
const [normal, unknown, control, byte] = [1, 2, 3, 6]
const alignment = 32

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const f32 = (value: number) => Buffer.from(Float32Array.of(value).buffer)
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const padded = (data: Buffer) =>
  Buffer.concat([data, Buffer.alloc((alignment - (data.length % alignment)) % alignment)])

type Scalar =
  | { readonly type: "u32" | "f32"; readonly value: number }
  | { readonly type: "text"; readonly value: string }
const one = ({ type, value }: Scalar): Buffer =>
  type === "text" ? text(value) : type === "u32" ? u32(value) : f32(value)

const field = (key: string, scalar: Scalar) => Buffer.concat([text(key), u32(types[scalar.type]), one(scalar)])
const int = (key: string, value: number) => field(key, { type: "u32", value })
const string = (key: string, value: string) => field(key, { type: "text", value })
const flag = (key: string, value: boolean) => Buffer.concat([text(key), u32(types.bool), Buffer.of(value ? 1 : 0)])
const list = (key: string, items: ReadonlyArray<Scalar>) =>
  Buffer.concat([text(key), u32(types.list), u32(types[items[0]?.type ?? "u32"]), u64(items.length), ...items.map(one)])

interface Token {
  readonly text: string
  readonly type: number
  /** How much it is preferred, whatever was said before. */
  readonly bias: number
}

/** Texts end soon, what a grammar wants is found fast, numbers are small, and bytes are there to read with and hardly ever said. */
const biasOf = (letter: string): number => {
  if (/["}\]]/.test(letter)) return 9
  if (/[,:{[5-8]/.test(letter)) return 4
  return /[a-z ]/.test(letter) ? 2 : /[-0.]/.test(letter) ? -20 : 0
}

const specials = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
const endOfTurn = 4
const vocabulary: ReadonlyArray<Token> = [
  ...specials.map(
    (it, at): Token => ({ text: it, type: at === 0 ? unknown : control, bias: at === endOfTurn ? 4 : -30 })
  ),
  ...Array.from(
    { length: 256 },
    (_, code): Token => ({
      text: `<0x${code.toString(16).toUpperCase().padStart(2, "0")}>`,
      type: byte,
      bias: -30
    })
  ),
  // A space is a mark of its own in this kind of vocabulary.
  { text: "\u2581", type: normal, bias: 2 },
  ...Array.from({ length: 94 }, (_, at): Token => {
    const letter = String.fromCharCode(33 + at)
    return { text: letter, type: normal, bias: biasOf(letter) }
  }),
  { text: "\n", type: normal, bias: -2 }
]

const template =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

const width = 64
const inner = 128
const heads = 4
const blocks = 2
const window = 8192
/** The first number of each token's row: constant, so that a weight on it is a bias. */
const constant = 4

type Row = (row: number, column: number) => number

/** Writes the file; other seeds are other models. */
export const writeGguf = (file: string, seed = 1): void => {
  const tensors: Array<{ readonly name: string; readonly shape: ReadonlyArray<number>; readonly data: Float32Array }> =
    []
  const add = (name: string, columns: number, rows: number, value: Row) => {
    const data = new Float32Array(columns * rows)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) data[row * columns + column] = value(row, column)
    tensors.push({ name, shape: rows === 1 ? [columns] : [columns, rows], data })
  }
  const drawn = (name: string, scale: number): Row => {
    const draw = draws(Seed.make(seed), name)
    return () => (draw() + draw() + draw() - 1.5) * 2 * scale
  }
  /** Leaves the constant alone. */
  const quiet = (name: string, scale: number): Row => {
    const value = drawn(name, scale)
    return (row, column) => (row === 0 ? 0 : value(row, column))
  }
  const ones: Row = () => 1

  const embedding = drawn("token_embd", 1)
  add("token_embd.weight", width, vocabulary.length, (row, column) =>
    column === 0 ? constant : embedding(row, column)
  )
  for (let block = 0; block < blocks; block++) {
    const name = (it: string) => `blk.${block}.${it}.weight`
    add(name("attn_norm"), width, 1, ones)
    for (const it of ["attn_q", "attn_k", "attn_v"]) add(name(it), width, width, drawn(name(it), 0.2))
    add(name("attn_output"), width, width, quiet(name("attn_output"), 0.2))
    add(name("ffn_norm"), width, 1, ones)
    for (const it of ["ffn_gate", "ffn_up"]) add(name(it), width, inner, drawn(name(it), 0.2))
    add(name("ffn_down"), inner, width, quiet(name("ffn_down"), 0.1))
  }
  add("output_norm.weight", width, 1, ones)
  const output = drawn("output", 0.25)
  add("output.weight", width, vocabulary.length, (row, column) =>
    column === 0 ? (vocabulary[row]?.bias ?? 0) / 3 : output(row, column)
  )

  const fields = [
    string("general.architecture", "llama"),
    string("general.name", "Synthetic"),
    int("llama.context_length", window),
    int("llama.embedding_length", width),
    int("llama.block_count", blocks),
    int("llama.feed_forward_length", inner),
    int("llama.attention.head_count", heads),
    int("llama.attention.head_count_kv", heads),
    field("llama.attention.layer_norm_rms_epsilon", { type: "f32", value: 1e-5 }),
    int("llama.rope.dimension_count", width / heads),
    int("llama.vocab_size", vocabulary.length),
    string("tokenizer.ggml.model", "llama"),
    list(
      "tokenizer.ggml.tokens",
      vocabulary.map(({ text: value }) => ({ type: "text", value }))
    ),
    list(
      "tokenizer.ggml.scores",
      vocabulary.map((_, at) => ({ type: "f32", value: -at }))
    ),
    Buffer.concat([
      text("tokenizer.ggml.token_type"),
      u32(types.list),
      u32(5),
      u64(vocabulary.length),
      ...vocabulary.map(({ type }) => u32(type))
    ]),
    int("tokenizer.ggml.bos_token_id", 1),
    int("tokenizer.ggml.eos_token_id", endOfTurn),
    int("tokenizer.ggml.unknown_token_id", 0),
    flag("tokenizer.ggml.add_bos_token", true),
    flag("tokenizer.ggml.add_space_prefix", false),
    string("tokenizer.chat_template", template)
  ]
  const bodies = tensors.map(({ data }) => padded(Buffer.from(data.buffer)))
  let offset = 0
  const infos = tensors.map(({ name, shape }, at) => {
    const info = Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset)])
    offset += bodies[at]?.length ?? 0
    return info
  })
  const head = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(fields.length),
    ...fields,
    ...infos
  ])
  writeFileSync(file, Buffer.concat([padded(head), ...bodies]))
}
