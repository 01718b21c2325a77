/** What rows are kept in: rows to bytes, in memory that does not grow with their number. */
import type { Columns, Row } from "./Format.js"
import { csvEncoder } from "./internal/csvEncoder.js"
import { gzipped } from "./internal/gzipped.js"
import { jsonEncoder, jsonLinesEncoder } from "./internal/jsonEncoder.js"
import { parquetEncoder } from "./internal/parquetEncoder.js"
import type { ContainerName } from "./Names.js"

/** Takes rows one by one; what is ready to be written comes out, in order. It must be ended once. */
export interface Encoder {
  readonly push: (row: Row) => Uint8Array | undefined
  readonly end: () => Uint8Array
}

export interface Container {
  /** The end of a file's name, with its dot. */
  readonly extension: string
  /** Columns have one shape each, so that a conversation with pictures or calls of tools has no place. */
  readonly textsOnly?: boolean
  readonly encoder: (columns: Columns) => Encoder
}

const plain = {
  jsonl: { extension: ".jsonl", encoder: jsonLinesEncoder },
  json: { extension: ".json", encoder: jsonEncoder },
  csv: { extension: ".csv", encoder: csvEncoder },
  parquet: { extension: ".parquet", textsOnly: true, encoder: parquetEncoder }
} as const satisfies Readonly<Record<string, Container>>

const packed = (container: Container): Container => ({
  extension: `${container.extension}.gz`,
  encoder: (columns) => gzipped(container.encoder(columns))
})

export const containers = {
  ...plain,
  "jsonl.gz": packed(plain.jsonl),
  "json.gz": packed(plain.json),
  "csv.gz": packed(plain.csv)
} as const satisfies Readonly<Record<ContainerName, Container>>
