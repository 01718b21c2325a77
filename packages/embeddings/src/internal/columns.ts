/** The parts of hyparquet that a column of vectors is read with; loaded where there is such a file only. */

/** The fields and columns that a vector may stand in. */
export const columnNames: ReadonlyArray<string> = ["embedding", "vector"]

export const loading = async () => {
  const [library, column, convert, datapage, schema, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet/src/column.js"),
    import("hyparquet/src/convert.js"),
    import("hyparquet/src/datapage.js"),
    import("hyparquet/src/schema.js"),
    import("hyparquet-compressors")
  ])
  return { library, column, convert, datapage, schema, compressors }
}

export type Loader = Awaited<ReturnType<typeof loading>>
