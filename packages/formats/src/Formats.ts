/** Every shape of rows by its name. */
import { alpaca } from "./Alpaca.js"
import { chatml } from "./ChatMl.js"
import { dpo } from "./Dpo.js"
import type { Format } from "./Format.js"
import { kto } from "./Kto.js"
import { listwise } from "./Listwise.js"
import { openai } from "./OpenAi.js"
import { orpo } from "./Orpo.js"
import { reward } from "./Reward.js"
import { sharegpt } from "./ShareGpt.js"
import { table } from "./Table.js"

export const formats = {
  openai,
  sharegpt,
  alpaca,
  chatml,
  dpo,
  orpo,
  kto,
  reward,
  listwise,
  table
} as const satisfies Readonly<Record<string, Format>>
export type Name = keyof typeof formats
