/** The id of a request in headers whose vendor is not known: for bridges, which see them through another library. */

/** Ours, and that of most vendors. */
export const header = "x-request-id"

/** As vendors call it, the surer ones first. */
const names = [
  "request-id",
  header,
  "x-generation-id",
  "x-amzn-requestid",
  "apim-request-id",
  "x-kong-request-id",
  "x-ds-trace-id",
  "x-vercel-id"
]

/** @param headers by names in small letters */
export const read = (headers: Readonly<Record<string, string | undefined>>): string | undefined =>
  names.map((name) => headers[name]).find((id) => id !== undefined)
