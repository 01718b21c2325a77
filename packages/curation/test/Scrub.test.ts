import { fromText, message, type Prompt, textOf } from "@consortium/core/Prompt"
import * as Scrub from "@consortium/curation/Scrub"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

const scrub = (text: string, options?: Scrub.Options) =>
  Effect.flatMap(Scrub.make(options), (scrubber) => Effect.promise(() => scrubber.text(text)))

describe("a text without its secrets", () => {
  it.effect("names each kind, and the same value by the same name", () =>
    Effect.gen(function* () {
      const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`
      const { replaced, text } = yield* scrub(`Mail jo@example.org and al@example.org (jo@example.org) with ${token}.`)
      assert.strictEqual(text, "Mail [email-1] and [email-2] ([email-1]) with [github-3].")
      assert.deepStrictEqual(
        replaced.map(({ kind, length, start }) => [kind, start, length]),
        [
          ["email", 5, 14],
          ["email", 24, 14],
          ["email", 40, 14],
          ["github", 61, 40]
        ]
      )
      assert.notInclude(JSON.stringify(replaced), "example.org")
    })
  )

  it.effect("checks digits, areas and plans", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [text: string, said: string]> = [
        ["Card 4111 1111 1111 1111 now", "Card [payment-card-1] now"],
        ["Card 4111 1111 1111 1112 now", "Card 4111 1111 1111 1112 now"],
        ["IBAN DE89 3704 0044 0532 0130 00.", "IBAN [iban-1]."],
        ["IBAN DE88 3704 0044 0532 0130 00.", "IBAN DE88 3704 0044 0532 0130 00."],
        ["SSN 219-09-9999", "SSN [us-ssn-1]"],
        ["SSN 666-09-9999", "SSN 666-09-9999"],
        ["Call +49 30 901820 today", "Call [phone-1] today"],
        ["Ping 8.8.8.8 and 127.0.0.1", "Ping [ipv4-1] and 127.0.0.1"],
        ["Version 1.2.3 of 300.1.2.3", "Version 1.2.3 of 300.1.2.3"],
        ["AB 12 34 56 C", "[uk-nino-1]"],
        ["see 00:1a:2B:3c:4d:5e", "see [mac-address-1]"],
        ["id 45567387-4255-4236-af53-ef97fa160627", "id 45567387-4255-4236-af53-ef97fa160627"],
        [`id AKIA${"A2B3".repeat(4)}.`, "id [aws-key-id-1]."],
        [`AWS_SECRET_ACCESS_KEY=${"aB3/".repeat(9)}cD4+`, "[aws-secret-1]"],
        ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n?", "[private-key-1]\n?"]
      ]
      for (const [text, said] of cases) assert.strictEqual((yield* scrub(text)).text, said)
    })
  )

  it.effect("reads numbers as those of a country only where it is told which, and keeps what it is told to", () =>
    Effect.gen(function* () {
      const text = "Call (415) 555-2671."
      assert.strictEqual((yield* scrub(text)).text, text)
      assert.strictEqual((yield* scrub(text, { country: "US" })).text, "Call [phone-1].")
      assert.strictEqual((yield* scrub("8.8.8.8", { keep: ["ipv4"] })).text, "8.8.8.8")
    })
  )

  it.effect("can't be talked out of it", () =>
    Effect.gen(function* () {
      const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`
      const { text } = yield* scrub(`/* secretlint-disable */ ${token} [email-1] /* secretlint-enable */`)
      assert.strictEqual(text, "/* secretlint-disable */ [github-1] [email-1] /* secretlint-enable */")
    })
  )

  it.effect("is itself where there is nothing to find", () =>
    Effect.gen(function* () {
      for (const text of ["", "How do tides work?", "x".repeat(100_000), "\ud800 12 34 \0", "1 + 1 = 2 at 10:30"]) {
        assert.deepStrictEqual(yield* scrub(text), { text, replaced: [] })
      }
    })
  )
})

describe("a prompt without its secrets", () => {
  it.effect("is mended in every text, and in what it carries", () =>
    Effect.gen(function* () {
      const scrubber = yield* Scrub.make()
      const prompt: Prompt = {
        ...fromText("a", "x"),
        messages: [
          message("system", "You serve jo@example.org."),
          {
            role: "assistant",
            parts: [{ _tag: "ToolCall", id: "c", name: "send", arguments: '{"to":"jo@example.org"}' }]
          },
          { role: "tool", parts: [{ _tag: "ToolResult", id: "c", text: "sent to al@example.org" }] },
          {
            role: "user",
            parts: [
              { _tag: "Image", source: { _tag: "Url", url: "https://example.org/a.png" } },
              { _tag: "Text", text: "Thanks, al@example.org" }
            ]
          }
        ],
        carried: { author: "jo@example.org", level: 3, list: [{ mail: "jo@example.org" }, null] }
      }
      const scrubbed = yield* Effect.promise(() => scrubber.prompt(prompt))
      assert.deepStrictEqual(scrubbed.prompt.messages.map(textOf), [
        "You serve [email-1].",
        "",
        "sent to [email-2]",
        "Thanks, [email-2]"
      ])
      assert.deepStrictEqual(scrubbed.prompt.messages[1]?.parts[0], {
        _tag: "ToolCall",
        id: "c",
        name: "send",
        arguments: '{"to":"[email-1]"}'
      })
      assert.deepStrictEqual(scrubbed.prompt.carried, {
        author: "[email-1]",
        level: 3,
        list: [{ mail: "[email-1]" }, null]
      })
      assert.deepStrictEqual(
        scrubbed.replaced.map(({ field }) => field),
        ["messages[0]", "messages[1]", "messages[2]", "messages[3]", "author", "list"]
      )
      const clean = fromText("b", "Nothing here.")
      assert.strictEqual((yield* Effect.promise(() => scrubber.prompt(clean))).prompt, clean)
    })
  )
})
