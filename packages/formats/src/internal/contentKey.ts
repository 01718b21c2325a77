/** What makes two prompts the same: role and text of all messages, white space aside. */
import { createHash } from "node:crypto"
import type { Message, Prompt } from "@consortium/core/Prompt"

const squeezed = (text: string) => text.trim().replace(/\s+/gu, " ")

const partOf = (part: Message["parts"][number]): unknown => {
  switch (part._tag) {
    case "Text":
    case "Reasoning":
      return squeezed(part.text)
    case "Image":
      return part.source
    case "ToolCall":
      return [part.name, part.arguments]
    case "ToolResult":
      return [part.id, squeezed(part.text)]
  }
}

/** A digest, as 64 hexadecimal digits. */
export const contentKey = (prompt: Pick<Prompt, "messages">): string =>
  createHash("sha256")
    .update(JSON.stringify(prompt.messages.map((one) => [one.role, one.parts.map(partOf)])))
    .digest("hex")
