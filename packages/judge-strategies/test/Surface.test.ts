import { fromText } from "@consortium/core/Prompt"
import { surface, surfaceFor } from "@consortium/judge-strategies/Surface"
import { assert, describe, it } from "@effect/vitest"

describe("Surface", () => {
  it.each([
    ["bullets", "* a\n  + b\n• c", "- a\n  - b\n- c"],
    ["numbers", "1) a\n(2) b\n3. c", "1. a\n2. b\n3. c"],
    ["headings", "### One ##\n\nTwo\n===\n\n**Three:**\n**Four**:", "# One\n\n# Two\n\n# Three:\n# Four"],
    ["bold", "a **b c** and __d e__, but __init__ and 2**3**4", "a b c and d e, but __init__ and 2**3**4"],
    ["quotes", "‘it’s’ “so”", "'it's' \"so\""],
    ["blank lines", "\r\n\r\n a  \r\n\n\n\nb\n", "a\n\nb"],
    ["rules", "a\n\n***\n\nb", "a\n\n---\n\nb"]
  ])("gives %s one style", (_, text, expected) => {
    assert.strictEqual(surface(text), expected)
  })

  it.each([
    ["code", "x\n```c\n* p = **q;\n# define X\n\n\n// I am an AI language model.\n```\ny"],
    ["code that is left open", "x\n```\n* a\n\n\n\n* b"],
    ["inline code", "x `* **a** ’` y"],
    ["maths", "x $$a ** b\n\n\n* c$$ and \\(**x**\\) and $**z**$"],
    ["a block quote", "> * **I am an AI.** \nx"],
    ["quoted text", 'She wrote "I am an AI, **really**." and left.']
  ])("keeps %s as it is", (_, text) => {
    assert.strictEqual(surface(text), text)
  })

  it.each([
    ["As an AI language model, I think it is 42.", "I think it is 42."],
    ["It rains. As a large language model trained by Google, I can't see it.", "It rains. I can't see it."],
    ["I, as an AI assistant, recommend tea.", "I recommend tea."],
    ["Tea. I'm Claude, made by Anthropic. Coffee.", "Tea. Coffee."],
    ["I am an AI assistant.\n\nTea.", "Tea."],
    ["I'm ChatGPT-4o mini! Tea.", "Tea."],
    ["I was trained by OpenAI. Tea.", "Tea."],
    ["GPT-4: tea", "tea"],
    ["Sure! Here's a list of teas:\n\n- green", "- green"],
    ["Certainly, tea is best.", "tea is best."],
    ["Tea.\n\nI hope this helps! Let me know if you have any other questions.", "Tea."]
  ])("cuts self-talk: %s", (text, expected) => {
    assert.strictEqual(surface(text), expected)
  })

  it.each([
    "I am metaphysical, and I am Google's neighbour's fan.",
    "Sure enough, he came.",
    "Here is a fact.",
    "Let me know if you come, she said. He nodded.",
    "Claude Monet painted lilies. An AI language model did not."
  ])("cuts nothing else: %s", (text) => {
    assert.strictEqual(surface(text), text)
  })

  it("leaves an answer that is nothing else", () => {
    assert.strictEqual(surface("I'm an AI assistant."), "I'm an AI assistant.")
  })

  it("is stable: once is enough", () => {
    const text = 'Sure! Here is it:\n\n**Plan**\n* a “b”\n\n\n1) `x`\n\nI am an AI. "q"'
    assert.strictEqual(surface(surface(text)), surface(text))
  })

  it("keeps what a model says of itself where the prompt asks for it", () => {
    const answer = "I'm Claude, made by Anthropic.\n* tea"
    for (const asked of ["Who are you?", "What is your name?", "Are you an AI or a human?", "Which model is this?"]) {
      assert.strictEqual(surfaceFor(fromText("p", asked))(answer), "I'm Claude, made by Anthropic.\n- tea")
    }
    assert.strictEqual(surfaceFor(fromText("p", "What is the best drink?"))(answer), "- tea")
  })

  it("is quick with hostile texts", () => {
    for (const text of [
      "*".repeat(50_000),
      "`".repeat(50_000),
      "$a".repeat(20_000),
      "“".repeat(20_000),
      "As an AI ".repeat(5_000),
      "\n".repeat(50_000),
      "**a ".repeat(10_000)
    ]) {
      assert.isString(surface(text))
    }
  })
})
