import { assert, describe, it } from "@effect/vitest"
import { command, folders } from "./command.js"

const folder = folders()
const models = (words: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  command(["models", ...words], { cwd: folder({ ".env": "GROQ_API_KEY=k\n" }), env })

describe("consortium models", () => {
  it("says whose keys are set, in the environment or in .env", async () => {
    const { code, stdout } = await models([], { OPENAI_API_KEY: "k" })
    assert.strictEqual(code, 0)
    assert.match(stdout, /^openai +OPENAI_API_KEY +set +\d+$/m)
    assert.match(stdout, /^groq +GROQ_API_KEY +set +\d+$/m)
    assert.match(stdout, /^xai +XAI_API_KEY +not set +\d+$/m)
    assert.match(stdout, /^ollama +OLLAMA_API_KEY +optional +–$/m)
  })

  it("says what is known of a vendor's models, and of one", async () => {
    const all = await models(["openai"])
    assert.match(
      all.stdout,
      /^openai\/gpt-5\.5 +1,050,000 +128,000 +text,image,pdf +yes +yes +yes +no +5\.00 +30\.00$/m
    )
    const one = await models(["openai.chat/gpt-5.5", "--json"])
    const { date, models: lines } = JSON.parse(one.stdout)
    assert.match(date, /^20/)
    assert.strictEqual(lines.length, 1)
    assert.deepInclude(lines[0], { ref: "openai/gpt-5.5", temperature: false, usdIn: 5, usdOut: 30 })
  })

  it("prints names only, for a shell", async () => {
    assert.strictEqual((await models(["cerebras", "--names"])).stdout, "cerebras/gpt-oss-120b\ncerebras/zai-glm-4.7\n")
    assert.include((await models(["--names"])).stdout.split("\n"), "openai/")
  })

  it("says so where nothing is known, and where there is no such vendor", async () => {
    assert.match((await models(["ollama"])).stdout, /no models of it are known/)
    const unknown = await models(["openai/nope"])
    assert.strictEqual(unknown.code, 2)
    assert.match(unknown.stderr, /nothing is known of it/)
    const wrong = await models(["opnai"])
    assert.strictEqual(wrong.code, 2)
    assert.match(wrong.stderr, /did you mean openai\?/)
  })
})
