/** The embedder's name where no text is compared with another. */
export const unreadRef = "none/none"
