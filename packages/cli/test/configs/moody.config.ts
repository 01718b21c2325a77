/** A member that answers only some prompts, until a file says that its mood is better. */
import { existsSync } from "node:fs"
import { defineConsortium } from "@consortium/cli/Config"
import * as ChatModel from "@consortium/core/ChatModel"
import { ModelError, ServerError } from "@consortium/core/ModelError"
import { textOf } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

const moody = ChatModel.make({
  ref: "own/moody",
  complete: ({ messages }) =>
    textOf(messages[0]).includes("rain") && !existsSync("sun")
      ? Effect.fail(new ModelError({ vendor: "own", model: "moody", reason: new ServerError({}), detail: "no" }))
      : Effect.succeed({
          parts: [{ _tag: "Text", text: "yes" }],
          finish: { kind: "stop", raw: "stop" },
          usage: {},
          model: "moody-1"
        } as const)
})

export default defineConsortium({
  members: [{ model: moody }],
  judges: ["simulated/careful"],
  select: { targetSize: 9 },
  retry: Schedule.recurs(0)
})
