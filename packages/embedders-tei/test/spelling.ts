/** How a server of this wire writes: synthetic bodies, made by hand from the documented fields. */
import type { Spelling } from "@consortium/testing/EmbedderContract"

export const spelling = (hasModels: boolean): Spelling => ({
  whole: (rows) => JSON.stringify(rows.map(({ vector }) => vector)),
  error: (error) => JSON.stringify({ error, error_type: "synthetic" }),
  read: ({ body, headers, path }) => ({
    ...(hasModels && { model: /models\/([^/]+)\//.exec(path)?.[1] }),
    texts: JSON.parse(body).inputs,
    key: headers.authorization?.replace("Bearer ", "")
  }),
  ordersByIndex: false,
  countsTokens: false
})
