/** Rows as Parquet, a row group at a time (hyparquet-writer; snappy). */
import type { SchemaElement } from "hyparquet"
import { ByteWriter, ParquetWriter } from "hyparquet-writer"
import type { Encoder } from "../Container.js"
import type { Columns, Row, Shape } from "../Format.js"
import { jsonText } from "./jsonText.js"

/** A row group is closed at this many characters of text, or at this many rows. */
const groupSize = { characters: 8 * 1024 * 1024, rows: 20_000 } as const

const optional = { repetition_type: "OPTIONAL" } as const

/** Lists as the format's specification lays them out, in three levels. */
const elements = (name: string, shape: Shape): ReadonlyArray<SchemaElement> => {
  if (typeof shape === "object") {
    if ("list" in shape) {
      return [
        { name, ...optional, converted_type: "LIST", num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        ...elements("element", shape.list)
      ]
    }
    const fields = Object.entries(shape.fields)
    return [{ name, ...optional, num_children: fields.length }, ...fields.flatMap(([field, of]) => elements(field, of))]
  }
  switch (shape) {
    case "text":
      return [{ name, ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" }]
    // Its text, since not every reader knows Parquet's JSON.
    case "json":
      return [{ name, ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" }]
    case "number":
      return [{ name, ...optional, type: "DOUBLE" }]
    case "integer":
      return [{ name, ...optional, type: "INT32" }]
    case "boolean":
      return [{ name, ...optional, type: "BOOLEAN" }]
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value as the column has it; what has no place in it (a list of parts where a text is due) becomes its JSON. */
const fit = (value: unknown, shape: Shape): unknown => {
  if (value === null || value === undefined) return null
  if (shape === "text") return typeof value === "string" ? value.toWellFormed() : jsonText(value)
  if (shape === "json") return jsonText(value)
  if (typeof shape === "string") return value
  if ("list" in shape) return Array.isArray(value) ? value.map((item) => fit(item, shape.list)) : null
  if (!isObject(value)) return null
  return Object.fromEntries(Object.entries(shape.fields).map(([name, of]) => [name, fit(value[name], of)]))
}

const lengthOf = (value: unknown): number => {
  if (typeof value === "string") return value.length
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + lengthOf(item), 8)
  return isObject(value) ? Object.values(value).reduce((sum: number, item) => sum + lengthOf(item), 8) : 8
}

export const parquetEncoder = (columns: Columns): Encoder => {
  const shapes = Object.entries(columns)
  const schema: Array<SchemaElement> = [
    { name: "root", num_children: shapes.length },
    ...shapes.flatMap(([name, shape]) => elements(name, shape))
  ]
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: "consortium" })
  let rows: Array<Row> = []
  let characters = 0
  /** Hands over what is written; its offset goes on counting. */
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice()
    bytes.index = 0
    return taken
  }
  const close = () => {
    if (rows.length === 0) return
    const columnData = shapes.map(([name]) => ({ name, data: rows.map((row) => row[name]), offsetIndex: false }))
    writer.write({ columnData, rowGroupSize: rows.length })
    rows = []
    characters = 0
  }
  return {
    push: (row) => {
      const fitted = Object.fromEntries(shapes.map(([name, shape]) => [name, fit(row[name], shape)]))
      rows.push(fitted)
      characters += lengthOf(fitted)
      if (rows.length < groupSize.rows && characters < groupSize.characters) return undefined
      close()
      return take()
    },
    end: () => {
      close()
      writer.finish()
      return take()
    }
  }
}
