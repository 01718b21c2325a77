import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { PromptId } from "@consortium/core/Ids"
import type { Message } from "@consortium/core/Prompt"
import { fromText, message, textOf } from "@consortium/core/Prompt"
import { SourceError, type SourceRow } from "@consortium/core/PromptSource"
import * as PromptFile from "@consortium/formats/PromptFile"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { parquetWriteBuffer } from "hyparquet-writer"

type Content = string | ReadonlyArray<number>
const encoder = new TextEncoder()
const bytesOf = (content: Content) => (typeof content === "string" ? encoder.encode(content) : Uint8Array.from(content))

const platform = (stdin: Stream.Stream<Uint8Array> = Stream.empty) =>
  Layer.merge(NodeFileSystem.layer, Stdio.layerTest({ stdin }))

const rowsOf = (options: PromptFile.Options) =>
  Effect.flatMap(PromptFile.make(options), (source) => Stream.runCollect(source.stream))

/** The rows of a file with this name and content. */
const read = Effect.fnUntraced(
  function* (name: string, content: Content, options: Omit<PromptFile.Options, "path"> = {}) {
    const files = yield* FileSystem.FileSystem
    const path = `${yield* files.makeTempDirectoryScoped()}/${name}`
    yield* files.writeFile(path, bytesOf(content))
    return yield* rowsOf({ ...options, path })
  },
  Effect.scoped,
  Effect.provide(platform())
)

/** The rows of standard input that comes in chunks of this many bytes. */
const piped = (content: Content, size = 7, options: Omit<PromptFile.Options, "path"> = {}) => {
  const bytes = bytesOf(content)
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size)
  )
  return rowsOf({ ...options, path: "-" }).pipe(Effect.provide(platform(Stream.fromIterable(chunks))))
}

/** `3 id: the texts`, or `3 !field: reason`. */
const brief = (row: SourceRow): string =>
  row._tag === "Prompt"
    ? `${row.number} ${row.prompt.id}: ${row.prompt.messages.map((one) => `${one.role}=${textOf(one)}`).join("|")}`
    : row._tag === "Invalid"
      ? `${row.number} !${row.error.field ?? ""}: ${row.error.reason}`
      : `${row.number} dropped`
const briefs = (rows: ReadonlyArray<SourceRow>) => rows.map(brief)

/** Why the whole input can't be read. */
const refused = <E extends { readonly _tag: string }, R>(reading: Effect.Effect<unknown, E, R>) =>
  Effect.map(Effect.flip(reading), (error) => {
    if (error instanceof SourceError) return error
    throw new Error(`no SourceError: ${error._tag}`)
  })

const only = (rows: ReadonlyArray<SourceRow>): SourceRow => {
  const [row] = rows
  assert.strictEqual(rows.length, 1)
  if (row === undefined) throw new Error("no row")
  return row
}
const messagesIn = (row: SourceRow): ReadonlyArray<Message> => (row._tag === "Prompt" ? row.prompt.messages : [])
const lines = (...rows: ReadonlyArray<unknown>) => rows.map((row) => JSON.stringify(row)).join("\n")

/** What is wrong with the only row of such a `.jsonl` file. */
const trouble = (row: unknown) =>
  Effect.map(read("a.jsonl", lines(row)), (rows) => {
    const one = only(rows)
    return one._tag === "Invalid" ? `${one.error.field ?? ""}: ${one.error.reason}` : "none"
  })

describe("JSON lines", () => {
  it.effect("a line is an object with a prompt, with messages or with a system text, or the prompt itself", () =>
    Effect.gen(function* () {
      const messages = [
        { role: "developer", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: [{ type: "text", text: "Why?" }] }
      ]
      const text = lines(
        { id: "a", prompt: "One" },
        { id: 2, prompt: "Two", system: "S" },
        { id: "c", messages },
        { id: "d", messages: [{ role: "user", content: "Hi" }], system: "S", prompt: null },
        { id: "e", prompt: "Five", system: " " }
      )
      for (const name of ["a.jsonl", "a.NDJSON"]) {
        assert.deepStrictEqual(briefs(yield* read(name, text)), [
          "1 a: user=One",
          "2 2: system=S|user=Two",
          "3 c: system=Be brief.|user=Hi|assistant=Hello|user=Why?",
          "4 d: system=S|user=Hi",
          "5 e: user=Five"
        ])
      }
      assert.match(brief(only(yield* read("a.jsonl", '"One"'))), /^1 p-[0-9a-f]{12}: user=One$/)
    })
  )

  it.effect("other fields come back as they were", () =>
    Effect.gen(function* () {
      const carried = { topic: "maths", level: 3, nested: { list: [1, null, true] }, ["__proto__"]: "own" }
      const row = only(yield* read("a.jsonl", `{"id":"a","prompt":"One","__proto__":"own",${lines(carried).slice(1)}`))
      assert.deepStrictEqual(row._tag === "Prompt" ? Object.entries(row.prompt.carried ?? {}).sort() : [], [
        ["__proto__", "own"],
        ["level", 3],
        ["nested", { list: [1, null, true] }],
        ["topic", "maths"]
      ])
      const plain = only(yield* read("a.jsonl", lines({ id: "a", prompt: "One" })))
      assert.deepStrictEqual(plain, { _tag: "Prompt", number: 1, prompt: fromText("a", "One") })
    })
  )

  it.effect("pictures, tool calls and tool results keep what they hold", () =>
    Effect.gen(function* () {
      const call = { id: "c1", type: "function", function: { name: "find", arguments: '{"q":1}' } }
      const row = yield* read(
        "a.jsonl",
        lines({
          messages: [
            {
              role: "user",
              content: [
                { type: "text", text: "What?" },
                { type: "image_url", image_url: { url: "https://example.com/a.png" } },
                { type: "image_url", image_url: "data:image/png;base64,QUJD" }
              ]
            },
            { role: "assistant", content: null, tool_calls: [call] },
            { role: "tool", tool_call_id: "c1", name: "find", content: "found" },
            { role: "assistant", content: "Look:", tool_calls: [call] },
            { role: "tool", tool_call_id: "c1", content: "" }
          ]
        })
      )
      const called = { _tag: "ToolCall", id: "c1", name: "find", arguments: '{"q":1}' }
      assert.deepStrictEqual<unknown>(messagesIn(only(row)), [
        {
          role: "user",
          parts: [
            { _tag: "Text", text: "What?" },
            { _tag: "Image", source: { _tag: "Url", url: "https://example.com/a.png" } },
            { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "QUJD" } }
          ]
        },
        { role: "assistant", parts: [called] },
        { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", name: "find", text: "found" }] },
        { role: "assistant", parts: [{ _tag: "Text", text: "Look:" }, called] },
        { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", text: "" }] }
      ])
    })
  )

  it.effect("empty lines count as lines and not as rows; CRLF, a missing last newline and a mark are no matter", () =>
    Effect.gen(function* () {
      const text = `\uFEFF\r\n{"id":"a","prompt":"One"}\r\n   \r\n\r\n{"id":"b","prompt":"Two\u2028é𝄞"}`
      const expected = ["2 a: user=One", "5 b: user=Two\u2028é𝄞"]
      assert.deepStrictEqual(briefs(yield* read("a.jsonl", text)), expected)
      // The same in any cut: a mark, a character and a CRLF may each be parted.
      for (const size of [1, 2, 3, 5, 1000]) assert.deepStrictEqual(briefs(yield* piped(text, size)), expected)
    })
  )

  it.effect("broken lines are rows that say what is wrong, and the rest goes on", () =>
    Effect.gen(function* () {
      const text = ['{"prompt": "One"', '{"prompt": x}', "7", '{"id":"d","prompt":"Four"}'].join("\n")
      const rows = yield* read("a.jsonl", text)
      assert.deepStrictEqual(briefs(rows), [
        "1 !: broken JSON at column 17: it ends too early",
        '2 !: broken JSON at column 12: unexpected "x"',
        "3 !: a row must be an object or a text, not a number",
        "4 d: user=Four"
      ])
      const [first] = rows
      assert.match(first?._tag === "Invalid" ? first.error.message : "", /\/a\.jsonl:1: broken JSON at column 17/)
    })
  )

  it.effect("broken JSON is placed by its column", () =>
    Effect.gen(function* () {
      const faults: ReadonlyArray<readonly [text: string, fault: string]> = [
        ['{"a" 1}', "6: a colon is missing"],
        ['{"a":1 "b":2}', "8: a comma or } is missing"],
        ['{"a":[1 2]}', "9: a comma or ] is missing"],
        ['{"a":[1,]}', '9: unexpected "]"'],
        ["{a:1}", "2: a name in double quotes is missing"],
        ['{"a":1,}', "8: a name in double quotes is missing"],
        ['{"a":01}', '6: unexpected "0"'],
        ['{"a":nul}', '6: unexpected "n"'],
        ['{"a":"b}', "6: a string that is never closed"],
        ['{"a":"\\x"}', "7: an unknown escape inside a string"],
        ['{"a":"\t"}', "7: a line break or control character inside a string: escape it"],
        ['{"a":1} {}', '9: unexpected "{" after the value'],
        ['{"a":{},"b":[],"c":[{}],"d":-1.5e3,"e":"\\u00e9\\n","f":true,"g":null,"h":}', '73: unexpected "}"']
      ]
      const rows = yield* read("a.jsonl", faults.map(([text]) => text).join("\n"))
      assert.deepStrictEqual(
        briefs(rows),
        faults.map(([, fault], index) => `${index + 1} !: broken JSON at column ${fault}`)
      )
    })
  )

  it.effect("a wrong field is named, with what it must be", () =>
    Effect.gen(function* () {
      const user = { role: "user", content: "Hi" }
      const of = (content: unknown) => ({ messages: [{ role: "user", content }] })
      const cases: ReadonlyArray<readonly [row: unknown, trouble: string]> = [
        [{}, "prompt: is missing: give a prompt or messages"],
        [{ prompt: 5 }, "prompt: must be a text, not a number"],
        [{ prompt: null }, "prompt: must be a text, not null"],
        [{ prompt: ["Hi"] }, "prompt[0]: must be an object with role and content, not a string"],
        [{ prompt: " \n " }, "prompt: is empty"],
        ["", "prompt: is empty"],
        [{ prompt: "One", messages: [user] }, ": give either prompt or messages, not both"],
        [{ prompt: "One", system: {} }, "system: must be a text, not an object"],
        [{ prompt: "One", id: true }, "id: must be a text or a number, not a boolean"],
        [{ prompt: "One", id: " " }, "id: is empty"],
        [{ prompt: "One", id: 2 ** 60 }, "id: the number is too large to be kept exactly: write it in quotes"],
        [{ prompt: "One", id: "\ud83d" }, "id: holds half a character: mend its text"],
        [{ messages: "Hi" }, "messages: must be a list of messages, not a string"],
        [{ messages: [] }, "messages: is empty: give at least a user's message"],
        [{ messages: ["Hi"] }, "messages[0]: must be an object with role and content, not a string"],
        [
          { messages: [user, { role: "bot", content: "x" }] },
          'messages[1].role: "bot" is unknown: use system, developer, user, assistant, tool'
        ],
        [
          { messages: [{ content: "x" }] },
          "messages[0].role: is missing: use system, developer, user, assistant, tool"
        ],
        [of(undefined), "messages[0].content: is missing: give a text or a list of parts"],
        [of(7), "messages[0].content: must be a text or a list of parts, not a number"],
        [of(""), "messages[0].content: is empty"],
        [of([]), "messages[0].content: is empty"],
        [of(["x"]), "messages[0].content[0]: a part must be an object, not a string"],
        [of([{ type: "text", text: " " }]), "messages[0].content[0].text: is empty"],
        [of([{ type: "text" }]), "messages[0].content[0].text: must be a text, not nothing"],
        [of([{ type: "image_url" }]), "messages[0].content[0].image_url.url: must be an address or a data: URL"],
        [
          of([{ type: "input_audio" }]),
          'messages[0].content[0]: a part of type "input_audio" can\'t be read: use "text" or "image_url"'
        ],
        [
          { messages: [{ role: "system", content: [{ type: "image_url", image_url: "https://example.com" }] }, user] },
          "messages[0].content: a system message can't hold pictures"
        ],
        [
          { messages: [user, { role: "assistant", content: null }, user] },
          "messages[1].content: is missing: give a text or a list of parts"
        ],
        [
          { messages: [user, { role: "assistant", content: "x", tool_calls: {} }, user] },
          "messages[1].tool_calls: must be a list, not an object"
        ],
        [
          { messages: [user, { role: "assistant", tool_calls: [{ id: "c" }] }, user] },
          "messages[1].tool_calls[0]: must be an object with an id and a function that has a name"
        ],
        [
          {
            messages: [
              user,
              { role: "assistant", tool_calls: [{ id: "c", function: { name: "f", arguments: {} } }] },
              user
            ]
          },
          "messages[1].tool_calls[0].function.arguments: must be JSON as a text, not an object"
        ],
        [
          { messages: [user, { role: "tool", content: "x" }] },
          "messages[1].tool_call_id: must be the id of the call that it answers"
        ],
        [
          {
            messages: [
              { role: "system", content: "x" },
              { role: "assistant", content: "x" }
            ]
          },
          "messages: must hold a message of the user or a tool, which is to be answered, behind those of the system"
        ]
      ]
      for (const [row, expected] of cases) assert.strictEqual(yield* trouble(row), expected)
    })
  )

  it.effect("a field that can't be given back is refused, not changed", () =>
    Effect.gen(function* () {
      const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
      const rows = yield* read("a.jsonl", `{"prompt":"One","n":1e999}\n{"prompt":"One","deep":${deep}}`)
      assert.deepStrictEqual(
        rows.map((row) => (row._tag === "Invalid" ? row.error.field : "none")),
        ["n", "deep"]
      )
    })
  )

  it.effect("bytes that are no UTF-8 cost their line only, and are never replaced", () =>
    Effect.gen(function* () {
      const good = '{"id":"a","prompt":"\uFFFD is fine when it is written"}'
      const bytes = [...encoder.encode(`${good}\n"`), 0xc3, 0x28, ...encoder.encode(`"\n${good}\n`)]
      assert.deepStrictEqual(briefs(yield* read("a.jsonl", bytes)), [
        "1 a: user=\uFFFD is fine when it is written",
        "2 !: it is not valid UTF-8: convert the file to UTF-8",
        "3 a: user=\uFFFD is fine when it is written"
      ])
    })
  )

  it.effect("a line that is too long costs itself only", () =>
    Effect.gen(function* () {
      const text = `"short"\n"${"x".repeat(50)}"\n"fits in twenty.."\n"${"y".repeat(17)}"`
      for (const size of [1, 19, 20, 21, 1000]) {
        const rows = yield* piped(text, size, { longestLine: 18 })
        assert.deepStrictEqual(
          rows.map((row) => (row._tag === "Invalid" ? row.error.reason : textOf(row.prompt.messages[0]))),
          [
            "short",
            "it has 52 bytes where at most 18 are read: shorten it",
            "fits in twenty..",
            "it has 19 bytes where at most 18 are read: shorten it"
          ]
        )
      }
    })
  )

  it.effect("a limit takes the first rows, invalid ones counted, and reads no further than it needs", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(briefs(yield* read("a.jsonl", '\n{}\n{"id":"b","prompt":"Two"}\n"Three"', { limit: 2 })), [
        "2 !prompt: is missing: give a prompt or messages",
        "3 b: user=Two"
      ])
      let given = 0
      const endless = Stream.forever(Stream.sync(() => encoder.encode(`"row ${given++}"\n`)))
      const rows = yield* rowsOf({ path: "-", limit: 3 }).pipe(Effect.provide(platform(endless)))
      assert.strictEqual(rows.length, 3)
      assert.isBelow(given, 10)
    })
  )
})

describe("ids", () => {
  it.effect("an own id comes from what is asked, so that it stays with its prompt when rows move", () =>
    Effect.gen(function* () {
      const idsOf = (text: string) =>
        Effect.map(read("a.jsonl", text), (rows) => rows.map((row) => (row._tag === "Prompt" ? row.prompt.id : "")))
      const [one, two] = yield* idsOf(lines("One", "Two"))
      assert.deepStrictEqual(yield* idsOf(lines("Two", { prompt: "One", topic: "x" })), [two, one])
      assert.notStrictEqual(one, two)
      assert.strictEqual(one, `p-${PromptFile.contentKey(fromText("x", "One")).slice(0, 12)}`)
    })
  )

  it("a content key sees roles, texts and pictures, and neither ids nor white space", () => {
    const key = (...messages: [Message, ...Array<Message>]) => PromptFile.contentKey({ messages })
    const picture = (url: string): Message => ({
      role: "user",
      parts: [{ _tag: "Image", source: { _tag: "Url", url } }]
    })
    const asked = key(message("user", "What is\n\n  this? "))
    assert.match(asked, /^[0-9a-f]{64}$/)
    assert.strictEqual(asked, key(message("user", "What is this?")))
    const others = [
      key(message("user", "What is this")),
      key(message("system", "What is this?")),
      key(message("user", "What is"), message("user", "this?")),
      key(picture("https://example.com/a.png")),
      key(picture("https://example.com/b.png"))
    ]
    assert.strictEqual(new Set([asked, ...others]).size, 6)
  })
})

describe("CSV", () => {
  it.effect("columns are fields; quotes hold commas, quotes and line breaks; rows have the line they start on", () =>
    Effect.gen(function* () {
      const text = 'id, prompt ,topic\r\na,"One, ""two""\r\nthree",x\r\n\r\nb,"",y\nc,Four,\n'
      const rows = yield* read("a.csv", `\uFEFF${text}`)
      assert.deepStrictEqual(briefs(rows), [
        '2 a: user=One, "two"\r\nthree',
        "5 !prompt: is missing: give a prompt or messages",
        "6 c: user=Four"
      ])
      assert.deepStrictEqual(
        rows.map((row) => (row._tag === "Prompt" ? row.prompt.carried : undefined)),
        [{ topic: "x" }, undefined, undefined]
      )
    })
  )

  it.effect("a messages column holds JSON", () =>
    Effect.gen(function* () {
      const text = 'id,messages,prompt\na,"[{""role"":""user"",""content"":""Hi""}]",\nb,[oh],\nc,,Plain\n'
      assert.deepStrictEqual(briefs(yield* read("a.csv", text)), [
        "2 a: user=Hi",
        '3 !messages: broken JSON at column 2: unexpected "o"',
        "4 c: user=Plain"
      ])
    })
  )

  it.effect("a broken record costs itself only", () =>
    Effect.gen(function* () {
      const head = encoder.encode('id,prompt\na,"x"y\nb,5" pipe\nc,one,two\nd\n')
      const bytes = [...head, 0xff, 0x0a, ...encoder.encode(`e,${"x".repeat(60)}\nf,Fine\ng,"never closed\n`)]
      assert.deepStrictEqual(briefs(yield* read("a.csv", bytes, { longestLine: 40 })), [
        "2 !: cell 2 goes on after its closing quote: double the quotes inside a quoted cell",
        "3 !: cell 2 has a quote inside: put the whole cell in quotes and double those inside",
        "4 !: it has 3 cells where the header has 2: quote cells with commas or line breaks",
        "5 !: it has 1 cells where the header has 2: quote cells with commas or line breaks",
        "6 !: it is not valid UTF-8: convert the file to UTF-8",
        "7 !: it has 62 bytes where at most 40 are read: shorten it",
        "8 f: user=Fine",
        "9 !: cell 2 opens a quote that is never closed: close it, and double quotes inside"
      ])
    })
  )

  it.effect("a header that says nothing of prompts, or one thing twice, ends the reading", () =>
    Effect.gen(function* () {
      const error = yield* refused(read("a.csv", "\nid;prompt\na;One\n"))
      assert.deepInclude(error, { line: 2 })
      assert.match(
        error.message,
        /a\.csv:2: the header has no column "prompt" or "messages", parted by commas: id;prompt/
      )
      assert.match((yield* refused(read("a.csv", "prompt,x,x\n"))).message, /:1: the header has two columns "x"/)
    })
  )

  it.effect.prop(
    "whatever is quoted by the rule comes back as it was",
    [
      Arbitrary.array(
        Arbitrary.array(Arbitrary.schema(Schema.Literals(["a", ",", '"', "\n", "\r", "é", " "])), { maxLength: 8 }),
        {
          minLength: 1,
          maxLength: 5
        }
      )
    ],
    ([cells]) =>
      Effect.gen(function* () {
        // A cell of blanks is an empty prompt, which is another test's matter.
        const texts = cells.map((cell, index) => `${cell.join("")}${index}`)
        const csv = `prompt\n${texts.map((text) => `"${text.replaceAll('"', '""')}"`).join("\r\n")}\n`
        const rows = yield* read("a.csv", csv)
        assert.deepStrictEqual(
          rows.map((row) => messagesIn(row).map(textOf).join()),
          texts
        )
      })
  )
})

describe("a JSON list", () => {
  it.effect("has the same rows, numbered from 1 and named by their path", () =>
    Effect.gen(function* () {
      const rows = yield* read(
        "a.json",
        JSON.stringify([{ id: "a", prompt: "One" }, "Two", { messages: [{}] }, 4], null, 2)
      )
      assert.deepStrictEqual(
        briefs(rows).map((row) => row.replace(/p-[0-9a-f]{12}/, "p-")),
        [
          "1 a: user=One",
          "2 p-: user=Two",
          "3 ![2].messages[0].role: is missing: use system, developer, user, assistant, tool",
          "4 ![3]: a row must be an object or a text, not a number"
        ]
      )
    })
  )

  it.effect("what is no list of rows ends the reading, with its place", () =>
    Effect.gen(function* () {
      const reason = (content: Content) =>
        Effect.map(refused(read("a.json", content)), (error) => `${error.line ?? ""} ${error.reason}`)
      assert.strictEqual(
        yield* reason('[\r\n  {"prompt": "One"},\r\n  {"prompt" "Two"}\r\n]'),
        "3 broken JSON at column 13: a colon is missing"
      )
      assert.strictEqual(yield* reason("{}"), " it must be a list of rows: write [ … ], or one row a line as .jsonl")
      assert.strictEqual(
        yield* reason([0x5b, 0x0a, 0x22, 0xff, 0x22, 0x5d]),
        "2 it is not valid UTF-8: convert the file to UTF-8"
      )
    })
  )
})

describe("a JSON list that is too large", () => {
  it.effect("is refused before it is read", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/a.json`
      yield* files.writeFileString(path, "[]")
      // A file with a hole: it takes no place on the disk.
      yield* files.truncate(path, 256 * 1024 * 1024 + 1)
      assert.strictEqual(
        (yield* refused(rowsOf({ path }))).reason,
        "it is larger than 268435456 bytes: write one row a line, as .jsonl, which is read as a stream"
      )
    }).pipe(Effect.provide(platform()))
  )
})

describe("plain text", () => {
  it.effect("is one prompt a line, whatever it looks like", () =>
    Effect.gen(function* () {
      const rows = yield* read("a.txt", 'One\n\n{"prompt": "Two"}\n  Three ')
      assert.deepStrictEqual(
        rows.map((row) => `${row.number} ${messagesIn(row).map(textOf).join()}`),
        ["1 One", '3 {"prompt": "Two"}', "4   Three "]
      )
    })
  )

  it.effect("on standard input a line that begins like JSON is JSON", () =>
    Effect.gen(function* () {
      const rows = yield* piped('One\n{"id":"b","prompt":"Two"}\n "Three"\n{oh\n[4]\n')
      assert.deepStrictEqual(
        briefs(rows).map((row) => row.replace(/p-[0-9a-f]{12}/, "p-")),
        [
          "1 p-: user=One",
          "2 b: user=Two",
          "3 p-: user=Three",
          "4 !: broken JSON at column 2: a name in double quotes is missing",
          "5 p-: user=[4]"
        ]
      )
    })
  )
})

describe("an input that can't be read", () => {
  const why = <E extends { readonly _tag: string }>(reading: Effect.Effect<unknown, E>) =>
    Effect.map(refused(reading), (error) => error.message)

  it.effect("names the file and what to do", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const open = (path: string) => Effect.flip(rowsOf({ path }))
      assert.strictEqual(
        (yield* open(`${folder}/no.jsonl`)).message,
        `${folder}/no.jsonl: no such file: check the path`
      )
      const kinds =
        "use .jsonl, .ndjson, .json, .csv, .txt, .parquet (texts also as .gz), a folder of such files, or - for standard input"
      assert.strictEqual(
        (yield* open(folder)).message,
        `${folder}: it is a folder without a file of a known kind: ${kinds}`
      )
      yield* files.makeDirectory(`${folder}/dir.jsonl`)
      for (const name of ["a.xml", "a", "a-", "dir.jsonl/a", "jsonl", "gz"]) {
        yield* files.writeFileString(`${folder}/${name}`, '"One"')
        assert.strictEqual(
          (yield* open(`${folder}/${name}`)).message,
          `${folder}/${name}: its kind is unknown: ${kinds}`
        )
      }
    }).pipe(Effect.provide(platform()))
  )

  it.effect("is nothing, binary or UTF-16", () =>
    Effect.gen(function* () {
      for (const [name, content] of [
        ["a.jsonl", ""],
        ["a.jsonl", "\uFEFF\n \r\n"],
        ["a.json", "[]"],
        ["a.json", " "],
        ["a.csv", ""],
        ["a.csv", "prompt,topic\n"],
        ["a.txt", "\n"]
      ] as const) {
        assert.match(yield* why(read(name, content)), /: no prompts in it: give at least one$/)
      }
      assert.strictEqual(yield* why(piped("")), "stdin: no prompts in it: give at least one")
      assert.match(yield* why(read("a.txt", [0x50, 0x4b, 0x03, 0x04, 0x00])), /: it holds NUL bytes/)
      assert.match(yield* why(read("a.txt", [...encoder.encode("x".repeat(8191)), 0])), /: it holds NUL bytes/)
      for (const size of [1, 2, 3, 100]) {
        assert.strictEqual(
          yield* why(piped([0xff, 0xfe, 0x41, 0x00], size)),
          "stdin: it is UTF-16 LE: convert it to UTF-8"
        )
        assert.strictEqual(
          yield* why(piped([0xfe, 0xff, 0x00, 0x41], size)),
          "stdin: it is UTF-16 BE: convert it to UTF-8"
        )
      }
    })
  )
})

describe("chats that are asked again", () => {
  const asked = (row: unknown) =>
    Effect.map(read("a.jsonl", lines(row)), (rows) => brief(only(rows)).replace(/^1 [^:]*: /, ""))
  const user = { role: "user", content: "Why?" }
  const answer = { role: "assistant", content: "Because." }

  it.effect("are read in every shape of a trainer, up to the last question", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [row: unknown, said: string]> = [
        [{ messages: [user, answer] }, "user=Why?"],
        [{ messages: [user, answer, user, answer, answer] }, "user=Why?|assistant=Because.|user=Why?"],
        [{ messages: [user, { role: "assistant", content: [{ type: "audio" }] }] }, "user=Why?"],
        [{ messages: [user], prompt: "Why?" }, "user=Why?"],
        [
          {
            conversations: [
              { from: "system", value: "S" },
              { from: "human", value: "Why?" },
              { from: "gpt", value: "B" }
            ]
          },
          "system=S|user=Why?"
        ],
        [{ conversations: [{ role: "user", content: "Why?" }], system: "S" }, "system=S|user=Why?"],
        [{ instruction: "Add", input: "1 and 2", output: "3" }, "user=Add\n1 and 2"],
        [
          { instruction: "Add", input: "", system: "S", history: [["Hi", "Hello"]] },
          "system=S|user=Hi|assistant=Hello|user=Add"
        ],
        [
          { text: "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na\nb<|im_end|>\n<|im_start|>assistant\nc" },
          "system=S|user=a\nb"
        ],
        [{ prompt: [user], chosen: [answer], rejected: [answer] }, "user=Why?"],
        [{ chosen: [user, answer], rejected: [user, { role: "assistant", content: "No." }] }, "user=Why?"]
      ]
      for (const [row, said] of cases) assert.strictEqual(yield* asked(row), said)
    })
  )

  it.effect("carry what the conversation was not read from", () =>
    Effect.gen(function* () {
      const row = only(
        yield* read("a.jsonl", lines({ id: "a", instruction: "Add", input: "1", output: "3", topic: "sums" }))
      )
      assert.deepStrictEqual(row._tag === "Prompt" ? row.prompt.carried : {}, { output: "3", topic: "sums" })
    })
  )

  it.effect("name the field that is wrong", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [row: unknown, said: string]> = [
        [{ conversations: "x" }, "conversations: must be a list of turns, not a string"],
        [{ conversations: ["x"] }, "conversations[0]: must be an object with from and value, not a string"],
        [
          { conversations: [{ from: "gpt", value: "x" }] },
          "conversations: must hold a message of the user or a tool, which is to be answered, behind those of the system"
        ],
        [
          { conversations: [{ from: "human", value: 5 }] },
          "conversations[0].content: must be a text or a list of parts, not a number"
        ],
        [{ instruction: 5 }, "instruction: must be a text, not a number"],
        [{ instruction: "a", input: 5 }, "input: must be a text, not a number"],
        [{ instruction: "a", history: [["b"]] }, "history[0]: must be [question, answer]"],
        [{ text: "<|im_start|>user" }, "text: a turn of ChatML has no line break after its role"],
        [{ text: "just a text" }, "prompt: is missing: give a prompt or messages"]
      ]
      for (const [row, said] of cases) assert.strictEqual(yield* trouble(row), said)
    })
  )

  it.effect("stand in columns too", () =>
    Effect.gen(function* () {
      const rows = yield* read(
        "a.csv",
        'id,instruction,conversations\na,Add,\nb,,"[{""from"":""human"",""value"":""Hi""}]"\n'
      )
      assert.deepStrictEqual(briefs(rows), ["2 a: user=Add", "3 b: user=Hi"])
    })
  )
})

describe("many files, packed files, tables", () => {
  const folder = Effect.fnUntraced(
    function* (content: Readonly<Record<string, Content>>, path: string) {
      const files = yield* FileSystem.FileSystem
      const root = yield* files.makeTempDirectoryScoped()
      for (const [name, text] of Object.entries(content)) {
        yield* files.makeDirectory(`${root}/${name.slice(0, Math.max(0, name.lastIndexOf("/")))}`, { recursive: true })
        yield* files.writeFile(`${root}/${name}`, bytesOf(text))
      }
      return (yield* Effect.result(rowsOf({ path: `${root}/${path}` }))).pipe(
        Result.map(briefs),
        Result.mapError(({ message }) => message.replaceAll(root, ""))
      )
    },
    Effect.scoped,
    Effect.provide(platform())
  )
  const some = {
    "b.jsonl": '{"id":"b1","prompt":"One"}\n{"id":"b2"}\n',
    "a/x.txt": "Two\nThree\n",
    "a/notes.md": "no prompt",
    "c.csv": "id,prompt\nc1,Four\n"
  }

  it.effect("a folder is its files in order, rows counted over all of them; errors name their file and line", () =>
    Effect.gen(function* () {
      const rows = Result.getOrThrow(yield* folder(some, ""))
      assert.deepStrictEqual(
        rows.map((row) => row.replace(/p-[0-9a-f]{12}/, "p")),
        [
          "1 p: user=Two",
          "2 p: user=Three",
          "3 b1: user=One",
          "4 !prompt: is missing: give a prompt or messages",
          "5 c1: user=Four"
        ]
      )
    })
  )

  it.effect("a glob is the files that it matches", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(Result.getOrThrow(yield* folder(some, "*.{jsonl,csv}")).length, 3)
      assert.deepStrictEqual(Result.getOrThrow(yield* folder(some, "**/*.txt")).length, 2)
      assert.deepStrictEqual(yield* folder(some, "*.parquet"), Result.fail("/*.parquet: no such file: check the path"))
      assert.deepStrictEqual(Result.getOrThrow(yield* folder({ "a[1].txt": "Odd" }, "a[1].txt")).length, 1)
    })
  )

  it.effect("packed texts are read as what they hold; broken ones say so", () =>
    Effect.gen(function* () {
      const two = Buffer.concat([gzipSync('{"id":"a","prompt":"One"}\n'), gzipSync('{"id":"b","prompt":"Two"}\n')])
      assert.deepStrictEqual(briefs(yield* read("a.jsonl.gz", [...two])), ["1 a: user=One", "2 b: user=Two"])
      assert.deepStrictEqual(briefs(yield* read("a.CSV.GZ", [...gzipSync("id,prompt\na,One\n")])), ["2 a: user=One"])
      assert.match((yield* refused(read("a.jsonl.gz", "no gzip"))).message, /a\.jsonl\.gz: it can't be unpacked/)
      assert.match((yield* refused(read("a.jsonl.gz", [...two.subarray(0, 30)]))).message, /it can't be unpacked/)
      assert.match((yield* refused(read("a.parquet.gz", [...two]))).message, /Parquet is packed inside/)
    })
  )

  it.effect("a table's numbers, times and missing cells become what JSON has", () =>
    Effect.gen(function* () {
      const bytes = parquetWriteBuffer({
        columnData: [
          { name: "id", data: [1n, 2n], type: "INT64" },
          { name: "prompt", data: ["One", null], type: "STRING" },
          { name: "at", data: [new Date(0), null], type: "TIMESTAMP" },
          { name: "big", data: [2n ** 60n, null], type: "INT64" }
        ]
      })
      const [first, second] = yield* read("a.parquet", [...new Uint8Array(bytes)])
      assert.deepStrictEqual(first?._tag === "Prompt" ? first.prompt : first, {
        id: PromptId.make("1"),
        messages: [message("user", "One")],
        carried: { at: "1970-01-01T00:00:00.000Z", big: String(2n ** 60n) }
      })
      assert.strictEqual(second === undefined ? "" : brief(second), "2 !prompt: must be a text, not null")
      assert.match((yield* refused(read("a.parquet", "no table"))).message, /it can't be read as Parquet/)
    })
  )

  it("async iterables give the same rows and throw the same errors", async () => {
    const root = mkdtempSync(join(tmpdir(), "consortium-"))
    writeFileSync(join(root, "a.jsonl"), '{"id":"a","prompt":"One"}\n')
    const seen: Array<string> = []
    for await (const row of PromptFile.rows({ path: join(root, "a.jsonl") })) seen.push(brief(row))
    assert.deepStrictEqual(seen, ["1 a: user=One"])
    const missing = (async () => {
      for await (const row of PromptFile.rows({ path: join(root, "no.jsonl") })) seen.push(brief(row))
    })()
    assert.instanceOf(await missing.catch((error: unknown) => error), SourceError)
  })
})
