import { gunzipSync } from "node:zlib"
import { type Container, containers } from "@consortium/formats/Container"
import { rowsOf } from "@consortium/formats/Choice"
import type { ContainerName } from "@consortium/formats/Names"
import { formats, type Name } from "@consortium/formats/Formats"
import * as PromptFile from "@consortium/formats/PromptFile"
import type { Ranked } from "@consortium/formats/Ranked"
import { write, writeAll, writeIterable } from "@consortium/formats/Write"
import type { Message } from "@consortium/core/Prompt"
import { textOf } from "@consortium/core/Prompt"
import type { SourceRow } from "@consortium/core/PromptSource"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { parquetReadObjects } from "hyparquet"
import { ranked } from "./ranked.js"

/** What intake reads of rows that were written to a file. */
const back = Effect.fnUntraced(
  function* (rows: ReadonlyArray<Ranked>, name: Name, container: Container) {
    const files = yield* FileSystem.FileSystem
    const path = `${yield* files.makeTempDirectoryScoped()}/rows${container.extension}`
    yield* files.writeFile(path, yield* writeAll(rows, { format: formats[name], container }))
    const source = yield* PromptFile.make({ path })
    return yield* Stream.runCollect(source.stream)
  },
  Effect.scoped,
  Effect.provide(NodeFileSystem.layer),
  Effect.provide(Stdio.layerTest({ stdin: Stream.empty }))
)

const brief = (row: SourceRow): string =>
  row._tag === "Prompt"
    ? row.prompt.messages.map((one: Message) => `${one.role}=${textOf(one)}`).join("|")
    : `${row._tag} ${row._tag === "Invalid" ? row.error.message : ""}`

const names = Object.keys(formats) as ReadonlyArray<Name>
const kept = Object.keys(containers) as ReadonlyArray<ContainerName>

const talk = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello" },
  { role: "user", content: 'Why,\n"exactly"?' }
] as const

describe("what is written comes back through intake as the prompts it was made of", () => {
  it.effect("in every format and container", () =>
    Effect.gen(function* () {
      const rows = [ranked({ prompt: "One?" }), ranked({ messages: talk }), ranked({ messages: talk.slice(0, 2) })]
      const expected = [
        "user=One?",
        'system=Be brief.|user=Hi|assistant=Hello|user=Why,\n"exactly"?',
        "system=Be brief.|user=Hi"
      ]
      for (const name of names) {
        // A cell of text does not say whether it is a list; these formats are lists all through.
        const isFlat = name === "table" || name === "alpaca" || name === "openai" || name === "sharegpt"
        for (const container of kept) {
          if (container.startsWith("csv") && !(isFlat && name !== "alpaca")) continue
          // Of the pair of rows that an unpaired preference gives, each holds the prompt.
          const read = [...new Set((yield* back(rows, name, containers[container])).map(brief))]
          assert.deepStrictEqual(read, expected, `${name} as ${container}`)
        }
      }
    })
  )

  it.effect("with tools, where the format has words for them", () =>
    Effect.gen(function* () {
      const call = { id: "call-1", type: "function", function: { name: "add", arguments: '{"a":1}' } } as const
      const messages = [
        { role: "user", content: "Add" },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", content: "2", tool_call_id: "call-1" }
      ] as const
      for (const name of ["openai", "sharegpt", "dpo", "orpo", "table"] as const) {
        const [row] = yield* back([ranked({ messages })], name, containers.jsonl)
        assert.deepStrictEqual(
          row?._tag === "Prompt" ? row.prompt.messages.slice(1) : row,
          [
            { role: "assistant", parts: [{ _tag: "ToolCall", id: "call-1", name: "add", arguments: '{"a":1}' }] },
            { role: "tool", parts: [{ _tag: "ToolResult", id: "call-1", text: "2" }] }
          ],
          name
        )
      }
    })
  )
})

/** Everything that a text can hold, and what breaks careless readers more often than chance would have it. */
const nasty: ReadonlyArray<string> = [
  "\u0000",
  "\ud800",
  "\udc00\ud800",
  "=1+1",
  "@SUM(A1)",
  "\t=cmd|' /C calc'!A0",
  "-2",
  '"',
  ",",
  "\r",
  "\r\n",
  "\u2028",
  "\u0085",
  "\ufeff",
  "\u001b[31m",
  "'",
  "\\ud800",
  "\u202e",
  "<|im_start|>system\n",
  "<|im_end|>",
  "```json",
  "$&",
  "%s",
  "𝒳"
]
const hostile = Arbitrary.schema(Schema.Array(Schema.Union([Schema.String, Schema.Literals(nasty)])))
const textOfPieces = (pieces: ReadonlyArray<string>): string => pieces.join("")

/** Half characters become U+FFFD everywhere; CSV has no NUL either, and marks what a spreadsheet would run. */
const mended = (text: string, container: string): string => {
  const whole = text.toWellFormed()
  if (!container.startsWith("csv")) return whole
  const guarded = /^[\s'"]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${whole}` : whole
  return guarded.replaceAll("\0", "\ufffd")
}

describe("hostile content", () => {
  for (const container of ["jsonl", "json", "csv", "parquet", "jsonl.gz"] as const) {
    it.effect.prop(
      `comes back from ${container}`,
      [hostile, hostile],
      ([asked, answered]) =>
        Effect.gen(function* () {
          const prompt = `${textOfPieces(asked)}?`
          const rows = [ranked({ prompt, texts: [textOfPieces(answered), "other"] })]
          const read = yield* back(rows, "table", containers[container])
          const [row] = read
          assert.strictEqual(read.length, 1)
          if (row?._tag !== "Prompt") throw new Error(row?._tag === "Invalid" ? row.error.message : "no row")
          assert.strictEqual(brief(row), `user=${mended(prompt, container)}`)
          const expected = mended(textOfPieces(answered), container)
          // A cell of CSV that holds nothing and one that holds an empty text are read as the same.
          assert.strictEqual(row.prompt.carried?.completion ?? "", expected)
        }),
      { arbitrary: { runs: 60 } }
    )
  }

  for (const name of names) {
    it.effect.prop(
      `is one row of ${name}, and the same prompt again`,
      [hostile, hostile, Arbitrary.schema(Schema.Literals(["jsonl", "json", "parquet"]))],
      ([asked, answered, container]) =>
        Effect.gen(function* () {
          const [prompt, answer] = [`${textOfPieces(asked)}?`, textOfPieces(answered)]
          const rows = [ranked({ prompt, texts: [answer, "other"] })]
          // ChatML has no way to quote its own marks: the row is left out, and never broken.
          if (name === "chatml" && /<\|im_(start|end)\|>/.test(prompt + answer)) {
            assert.deepStrictEqual(rowsOf(formats[name], rows[0] ?? ranked()).left, ["control-marks"])
            return
          }
          const read = yield* back(rows, name, containers[container])
          assert.strictEqual(read.length, name === "kto" ? 2 : 1)
          for (const row of read) assert.strictEqual(brief(row), `user=${prompt.toWellFormed()}`)
        }),
      { arbitrary: { runs: 60 } }
    )

    it.effect(`keeps an answer of ten megabytes in a row of ${name}`, () =>
      Effect.gen(function* () {
        const answer = `"=${"1234567,\n".repeat(1_100_000)}`
        const bytes = yield* writeAll([ranked({ texts: [answer, "other"] })], { format: formats[name] })
        const lines = new TextDecoder().decode(bytes).trimEnd().split("\n")
        const texts: Array<string> = []
        for (const line of lines) JSON.parse(line, (_, value) => (typeof value === "string" ? texts.push(value) : 0))
        assert.strictEqual(lines.length, name === "kto" ? 2 : 1)
        assert.strictEqual(texts.filter((text) => text.includes(answer)).length, 1)
      })
    )
  }

  it.effect("of ten megabytes an answer comes back from every container", () =>
    Effect.gen(function* () {
      const text = `"=${"1234567,\n".repeat(1_100_000)}`
      for (const container of kept) {
        const [row] = yield* back([ranked({ texts: [text, "other"] })], "table", containers[container])
        const carried = row?._tag === "Prompt" ? row.prompt.carried?.completion : undefined
        assert.strictEqual(carried, container.startsWith("csv") ? `'${text}` : text, container)
      }
    })
  )

  it("is one line by anybody's idea of a line", async () => {
    const bytes = await Effect.runPromise(
      writeAll([ranked({ texts: ["a\u2028b\u2029c\u0085d\re\nf", "x"] })], { format: formats.chatml })
    )
    assert.strictEqual(
      new TextDecoder()
        .decode(bytes)
        .trimEnd()
        .split(/[\r\n\u0085\u2028\u2029]/).length,
      1
    )
  })

  it("is no formula in a spreadsheet", async () => {
    const cells = ["=1", "+1", "-1", "@a", "\t=1", "\r1", " =1", "＝1", "'=1", '"=1']
    const rows = cells.map((cell) => ranked({ texts: [cell, "x"] }))
    const table = new TextDecoder().decode(
      await Effect.runPromise(writeAll(rows, { format: formats.table, container: containers.csv }))
    )
    for (const cell of cells) {
      const safe = `'${cell}`
      assert.include(table, /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : `,${safe},`)
    }
  })
})

describe("without a run", () => {
  const rows = Array.from({ length: 500 }, (_, at) => ranked({ id: `p${at}`, prompt: `Number ${at}?` }))

  it.effect("streams and async iterables give the same bytes", () =>
    Effect.gen(function* () {
      for (const container of kept) {
        const options = { format: formats.dpo, container: containers[container], provenance: true }
        const streamed = Buffer.concat(yield* Stream.runCollect(write(Stream.fromIterable(rows), options)))
        const iterated = yield* Effect.promise(async () => {
          const blocks: Array<Uint8Array> = []
          for await (const block of writeIterable(rows, options)) blocks.push(block)
          return Buffer.concat(blocks)
        })
        assert.isTrue(streamed.equals(iterated), container)
      }
    })
  )

  it.effect("a packed file is the plain one", () =>
    Effect.gen(function* () {
      const plain = yield* writeAll(rows, { format: formats.openai })
      const packed = yield* writeAll(rows, { format: formats.openai, container: containers["jsonl.gz"] })
      assert.isTrue(gunzipSync(packed).equals(Buffer.from(plain)))
    })
  )

  it.effect("Parquet of many row groups has every row, once and in order", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 120 }, (_, at) => ranked({ id: `p${at}`, texts: ["x".repeat(400_000), "y"] }))
      const bytes = yield* writeAll(many, { format: formats.table, container: containers.parquet })
      const file = new Uint8Array(bytes).buffer
      const read = yield* Effect.promise(() => parquetReadObjects({ file, columns: ["id"] }))
      assert.deepStrictEqual(
        read.map(({ id }) => id),
        many.map(({ id }) => id)
      )
    })
  )

  it("no rows are a file that can be read", async () => {
    const empty = await Effect.runPromise(writeAll([], { format: formats.dpo, container: containers.parquet }))
    assert.deepStrictEqual(await parquetReadObjects({ file: new Uint8Array(empty).buffer }), [])
    const list = await Effect.runPromise(writeAll([], { format: formats.dpo, container: containers.json }))
    assert.deepStrictEqual(JSON.parse(new TextDecoder().decode(list)), [])
  })
})
