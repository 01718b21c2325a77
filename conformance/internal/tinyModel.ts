/**
 * A model that is small enough to be written down: a table of vectors, of which each token gets its own. It is an ONNX file
 * of one node (onnx/onnx.proto, opset 13) with the tokenizer of a BERT, made here and kept nowhere.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "rain", "sun", "in", "the", "north"] as const
export const dimension = 32
/** How many tokens it takes of a text, with the two that stand around it. */
export const maxTokens = 6

/** The vector of a word, in numbers that a float32 holds exactly. */
export const vectorOf = (word: number): ReadonlyArray<number> =>
  Array.from({ length: dimension }, (_, i) => (((word + 1) * 37 + i * 11) % 64) / 64 - 0.5)

/** Protocol buffers, as much as this file needs: numbers, and bytes of a length. */
const varint = (value: number): ReadonlyArray<number> =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
const number = (field: number, value: number): Buffer => Buffer.from([...varint(field * 8), ...varint(value)])
const bytes = (field: number, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body])
}
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value))

const float = 1
const int64 = 7
/** A tensor that is named: of so many named axes. */
const value = (field: number, name: string, type: number, axes: ReadonlyArray<string | number>): Buffer =>
  bytes(
    field,
    text(1, name),
    bytes(
      2,
      bytes(
        1,
        number(1, type),
        bytes(2, ...axes.map((axis) => bytes(1, typeof axis === "number" ? number(1, axis) : text(2, axis))))
      )
    )
  )

const table = (): Buffer => {
  const numbers = Float32Array.from(words.flatMap((_, word) => vectorOf(word)))
  return bytes(
    5,
    number(1, words.length),
    number(1, dimension),
    number(2, float),
    text(8, "table"),
    bytes(9, Buffer.from(numbers.buffer))
  )
}

const model = (): Buffer =>
  Buffer.concat([
    number(1, 8),
    bytes(
      7,
      bytes(1, text(1, "table"), text(1, "input_ids"), text(2, "last_hidden_state"), text(4, "Gather")),
      text(2, "tiny"),
      table(),
      value(11, "input_ids", int64, ["batch", "tokens"]),
      value(12, "last_hidden_state", float, ["batch", "tokens", dimension])
    ),
    bytes(8, text(1, ""), number(2, 13))
  ])

const special = (id: number) => ({
  id,
  content: words[id],
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true
})

const tokenizer = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [0, 1, 2, 3].map(special),
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } }
    ],
    pair: [],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] }
    }
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id]))
  }
}

const settings = {
  tokenizer_class: "BertTokenizer",
  model_max_length: maxTokens,
  do_lower_case: true,
  pad_token: "[PAD]",
  unk_token: "[UNK]",
  cls_token: "[CLS]",
  sep_token: "[SEP]"
}

/** Writes its files into a folder, as Transformers.js reads them. */
export const write = (folder: string): void => {
  mkdirSync(join(folder, "onnx"), { recursive: true })
  const json = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content))
  json("config.json", { model_type: "bert", architectures: ["BertModel"], hidden_size: dimension })
  json("tokenizer.json", tokenizer)
  json("tokenizer_config.json", settings)
  writeFileSync(join(folder, "onnx", "model.onnx"), model())
}
