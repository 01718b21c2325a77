/**
 * A column of vectors of a Parquet file, page by page (hyparquet): writers make row groups of a million rows, whose
 * lists as arrays would be many times the matrix.
 */
import { PromptId } from "@consortium/core/Ids"
import * as Effect from "effect/Effect"
import type { AsyncBuffer, ColumnMetaData, DecodedArray, FileMetaData, SchemaTree } from "hyparquet"
import { MatrixFileError } from "../MatrixFileError.js"
import { fill, open } from "./blocks.js"
import { columnNames, type Loader, loading } from "./columns.js"
import { VectorRows } from "./vectorRows.js"

type ColumnDecoder = Parameters<Loader["column"]["readPage"]>[2]

export interface Wanted {
  readonly path: string
  readonly dimension?: number
  readonly column?: string
  readonly idColumn?: string
}

/** Where the only leaf of a field is; nothing where it has several or none. */
const leafOf = (field: SchemaTree): SchemaTree | undefined =>
  field.children.length === 0
    ? field
    : field.children.length === 1 && field.children[0]
      ? leafOf(field.children[0])
      : undefined

const numeric = new Set(["FLOAT", "DOUBLE", "INT32"])

/** A field of lists of numbers. */
const isVectors = (field: SchemaTree): boolean => {
  const leaf = leafOf(field)
  if (leaf === undefined || leaf === field) return false
  const { logical_type: logical, type } = leaf.element
  return (type !== undefined && numeric.has(type)) || logical?.type === "FLOAT16"
}

const columnOf = (fields: ReadonlyArray<SchemaTree>, { column, path }: Wanted): SchemaTree | MatrixFileError => {
  const vectors = fields.filter(isVectors)
  const names = vectors.map(({ element }) => element.name)
  const list = names.length === 0 ? "it has no list of floats" : `its lists of floats are ${names.join(", ")}`
  if (column !== undefined) {
    const said = vectors[names.indexOf(column)]
    return said ?? new MatrixFileError({ file: path, column, reason: `no such column of vectors: ${list}` })
  }
  const usual = columnNames.map((name) => vectors[names.indexOf(name)]).find((field) => field !== undefined)
  const only = vectors.length === 1 ? vectors[0] : undefined
  return usual ?? only ?? new MatrixFileError({ file: path, reason: `${list}: say which column holds the vectors` })
}

/** How much of a column is read to see one page's header. */
const glance = 64 * 1024

/** The pages of a column chunk, each with its levels and values. */
const pages = async (
  { column, convert, datapage, schema }: Loader,
  file: AsyncBuffer,
  decoder: ColumnDecoder,
  { data_page_offset, dictionary_page_offset, num_values, total_compressed_size }: ColumnMetaData,
  take: (values: DecodedArray, repetition: ReadonlyArray<number>, missing: number) => void
) => {
  // Some writers put 0 where there is no dictionary.
  let at = Number(dictionary_page_offset ? dictionary_page_offset : data_page_offset)
  const end = at + Number(total_compressed_size)
  const whole = schema.getMaxDefinitionLevel(decoder.schemaPath)
  let dictionary: DecodedArray | undefined
  for (let left = Number(num_values); at < end && left > 0; ) {
    const head = { view: new DataView(await file.slice(at, Math.min(end, at + glance))), offset: 0 }
    const header = column.parquetHeader(head)
    if (!(header.compressed_page_size >= 0)) throw new Error("a page without a size")
    const from = at + head.offset
    at = from + header.compressed_page_size
    const bytes = new Uint8Array(await file.slice(from, at))
    const plain = () =>
      datapage.decompressPage(bytes, header.uncompressed_page_size, decoder.codec, decoder.compressors)
    const { data_page_header: first, data_page_header_v2: second } = header
    if (header.type === "DICTIONARY_PAGE") {
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
      const { data } = column.readPage(reader, header, decoder, undefined, undefined, 0)
      if (data !== undefined) dictionary = convert.convert(data, decoder)
      continue
    }
    const about = first ?? second
    if (about === undefined) continue
    const page =
      first === undefined
        ? datapage.readDataPageV2(bytes, header, decoder)
        : datapage.readDataPage(plain(), first, decoder)
    left -= about.num_values
    const values = convert.convertWithDictionary(page.dataPage, dictionary, about.encoding, decoder)
    take(values, page.repetitionLevels, page.definitionLevels?.findIndex((level) => level < whole) ?? -1)
  }
}

/** Ids of a flat column, as texts. */
const idsOf = async (
  { library, compressors }: Loader,
  file: AsyncBuffer,
  metadata: FileMetaData,
  { path }: Wanted,
  column: string
) => {
  const ids: Array<PromptId> = []
  const rows = Number(metadata.num_rows)
  const step = 65_536
  for (let rowStart = 0; rowStart < rows; rowStart += step) {
    const rowEnd = Math.min(rows, rowStart + step)
    const some = await library.parquetReadObjects({ file, metadata, compressors, columns: [column], rowStart, rowEnd })
    for (const row of some) {
      const id: unknown = row[column]
      const isId = (typeof id === "string" && id !== "") || typeof id === "number" || typeof id === "bigint"
      if (!isId)
        throw new MatrixFileError({
          file: path,
          row: ids.length + 1,
          column,
          reason: "its id is no text or number: give one to each row"
        })
      ids.push(PromptId.make(String(id)))
    }
  }
  return ids
}

const opened = Effect.fnUntraced(function* (path: string) {
  const { read, size } = yield* open(path)
  const slice = async (start: number, end = size) => {
    const bytes = new Uint8Array(Math.max(0, end - start))
    const got = await Effect.runPromise(fill(read, bytes, start))
    return got === bytes.length ? bytes.buffer : bytes.buffer.slice(0, got)
  }
  const file: AsyncBuffer = { byteLength: size, slice }
  return file
})

const attempt = <A>(path: string, run: () => Promise<A>) =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      cause instanceof MatrixFileError
        ? cause
        : new MatrixFileError({
            file: path,
            reason: `it can't be read as Parquet: write it again (${cause instanceof Error ? cause.message : String(cause)})`
          })
  })

const fieldsOf = ({ library }: Loader, metadata: FileMetaData) => library.parquetSchema(metadata).children

/** The vectors of a column, with the ids of another one where there is one. */
export const readParquet = Effect.fnUntraced(function* (wanted: Wanted) {
  const { dimension, path } = wanted
  const file = yield* opened(path)
  return yield* attempt(path, async () => {
    const loader = await loading()
    const metadata = await loader.library.parquetMetadataAsync(file)
    const fields = fieldsOf(loader, metadata)
    const field = columnOf(fields, wanted)
    if (field instanceof MatrixFileError) throw field
    const leaf = leafOf(field)?.path ?? []
    const schemaPath = loader.schema.getSchemaPath(metadata.schema, [...leaf])
    const rows = new VectorRows(path, field.element.name, Number(metadata.num_rows), dimension)
    for (const { columns } of metadata.row_groups) {
      const about = columns.find(({ meta_data }) => meta_data?.path_in_schema.join("\n") === leaf.join("\n"))?.meta_data
      const element = schemaPath.at(-1)?.element
      if (about === undefined || element === undefined) throw new Error("a row group without the column")
      const decoder: ColumnDecoder = {
        pathInSchema: [...leaf],
        type: about.type,
        element,
        schemaPath,
        codec: about.codec,
        parsers: loader.convert.DEFAULT_PARSERS,
        compressors: loader.compressors
      }
      await pages(loader, file, decoder, about, (values, repetition, missing) => rows.take(values, repetition, missing))
    }
    const data = rows.end()
    const names = fields.map(({ element }) => element.name)
    const { idColumn } = wanted
    if (idColumn !== undefined && !names.includes(idColumn))
      throw new MatrixFileError({ file: path, column: idColumn, reason: `no such column: it has ${names.join(", ")}` })
    const ids = idColumn ?? (names.includes("id") ? "id" : undefined)
    return {
      data,
      dimension: rows.dimension,
      rows: Number(metadata.num_rows),
      ...(ids !== undefined && { ids: await idsOf(loader, file, metadata, wanted, ids) })
    }
  })
}, Effect.scoped)

/** Whether a file has a column of vectors of one of the usual names. */
export const hasVectorColumn = Effect.fnUntraced(function* (path: string) {
  const file = yield* opened(path)
  return yield* attempt(path, async () => {
    const loader = await loading()
    const fields = fieldsOf(loader, await loader.library.parquetMetadataAsync(file)).filter(isVectors)
    return fields.some(({ element }) => columnNames.includes(element.name))
  })
}, Effect.scoped)
