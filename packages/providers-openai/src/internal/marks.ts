/** The marks by which OpenAI knows its own parts again. */
import type { ReasoningPart, TextPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Phase = Schema.fromJsonString(Schema.Struct({ phase: Schema.String }))
const decode = Schema.decodeUnknownOption(Phase)
const encode = Schema.encodeSync(Phase)

/** A message may say whether it is a remark on the way (`commentary`) or the answer (`final_answer`), and wants that back. */
export const ofPhase = (phase: string): Pick<TextPart, "signature"> =>
  phase === "" ? {} : { signature: encode({ phase }) }

/** The phase of a text; nothing where the mark is another wire's. */
export const phaseOf = ({ signature }: TextPart): string | undefined =>
  signature === undefined ? undefined : Option.getOrUndefined(Option.map(decode(signature), ({ phase }) => phase))

/** How a Fernet token begins, which is what OpenAI's encrypted reasoning is: its version, then a time of 64 bits. */
const fernet = "gAAAA"

/** Whether some reasoning is encrypted by this wire: others give no id to theirs. Another's would be refused. */
export const isOurs = (part: ReasoningPart): part is ReasoningPart & { readonly signature: string } =>
  part.signature !== undefined && (part.id !== undefined || part.signature.startsWith(fernet))
