/** Prompts from files or from standard input: the readers of `@consortium/formats`, where a run looks for them. */
export { contentKey, make, type Options } from "@consortium/formats/PromptFile"
