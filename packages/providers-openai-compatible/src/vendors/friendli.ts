/**
 * FriendliAI's serverless endpoints. Read on 2026-11-29: github.com/CodebuffAI/codebuff issue 924 (the address;
 * `reasoning_content`; the template's switch), docs.litellm.ai providers/friendliai (the variable), models.dev friendli of
 * 2026-07-02 (all of these). Schemas and tools exclude each other there.
 */
import { define } from "../Vendor.js"

export const friendli = define({
  id: "friendli",
  baseUrl: "https://api.friendli.ai/serverless/v1",
  baseUrlVariable: "FRIENDLI_BASE_URL",
  apiKey: { variable: "FRIENDLI_TOKEN", optional: false },
  thinkingSwitch: "chat_template_kwargs",
  effortStyle: "none"
})
