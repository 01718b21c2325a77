/** Flags of `run` and `select` that say what of an input is kept; the same words, the same help. */
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const share = Schema.Finite.check(Schema.isBetween({ minimum: 0.3, maximum: 1 }))

export const intakeFlags = {
  dedupe: Flag.Literals("dedupe", ["exact", "normalised", "near"]).pipe(
    Flag.withDescription(
      "prompts that repeat another: same words, same but for case and signs, or nearly alike (default exact)"
    ),
    Flag.optional
  ),
  alike: Flag.Finite("alike").pipe(
    Flag.withSchema(share),
    Flag.withMetavar("0.3..1"),
    Flag.withDescription("with --dedupe near: the least Jaccard index (default 0.8)"),
    Flag.optional
  ),
  heldOut: Flag.String("held-out").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("prompts that must not be learnt from: those that hold one are dropped; repeat for more"),
    Flag.atLeast(0)
  ),
  onLeak: Flag.Literals("on-leak", ["drop", "report"]).pipe(
    Flag.withDescription("with --held-out: drop leaks, or only note them in the ledger (default drop)"),
    Flag.optional
  ),
  scrub: Flag.Boolean("scrub").pipe(
    Flag.withDefault(false),
    Flag.withDescription("replace secrets and personal data before anything is sent")
  ),
  country: Flag.String("country").pipe(
    Flag.withMetavar("CODE"),
    Flag.withDescription("with --scrub: whose phone numbers stand without a country's code, US for instance"),
    Flag.optional
  ),
  language: Flag.String("language").pipe(
    Flag.withMetavar("CODE"),
    Flag.withDescription("keep prompts in this language (ISO 639-1) and those too short to tell; repeat for more"),
    Flag.atLeast(0)
  ),
  minLength: Flag.Finite("min-length").pipe(
    Flag.withSchema(count),
    Flag.withMetavar("N"),
    Flag.withDescription("drop shorter prompts, in characters"),
    Flag.optional
  ),
  maxLength: Flag.Finite("max-length").pipe(
    Flag.withSchema(count),
    Flag.withMetavar("N"),
    Flag.withDescription("drop longer prompts, in characters"),
    Flag.optional
  )
}
