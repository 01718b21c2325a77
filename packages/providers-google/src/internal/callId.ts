/** Ids for tool calls that the wire gave none: they tell calls apart here, and are not sent back. */

const beginning = "gemini-call-"

/** `responseId` may be empty; it keeps the calls of one conversation apart. */
export const made = (responseId: string, index: number): string => `${beginning}${responseId}-${index}`

export const isMade = (id: string): boolean => id.startsWith(beginning)
