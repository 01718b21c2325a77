/** One question to a consortium by names, with promises. Simulated members: no key, no network. */
import { open } from "@consortium/cli/Consortium"
import { trace } from "@consortium/ensemble/Answer"

const consortium = await open({
  members: ["simulated/scholar", "simulated/plain", "simulated/sloppy"], // or "openai/gpt-5.1", "anthropic/claude-sonnet-4-5", …
  judges: ["simulated/careful", "simulated/brisk"],
  deadline: "30 seconds"
})
const answer = await consortium.ask("Why do bees keep warm in winter?")
console.log(trace(answer))

for await (const event of consortium.stream("And in summer?")) {
  if (event._tag === "FirstToken") console.log(event.member, "begins")
  if (event._tag === "Leader") console.log(event.member, "leads")
  if (event._tag === "Text") console.log(event.delta.slice(0, 40), "…")
}
await consortium.close()
