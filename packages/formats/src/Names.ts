/** What exports are called by, where nothing else has to be loaded: for flags and configurations. */

/** `csv`, `parquet` and `hf` keep a flat row for each prompt; with others, `hf` and `parquet` say how those are kept. */
export const formatNames = [
  "openai",
  "sharegpt",
  "alpaca",
  "chatml",
  "dpo",
  "orpo",
  "kto",
  "reward",
  "listwise",
  "csv",
  "parquet",
  "hf"
] as const
export type FormatName = (typeof formatNames)[number]

/** What rows can be kept in. */
export const containerNames = ["jsonl", "json", "csv", "parquet", "jsonl.gz", "json.gz", "csv.gz"] as const
export type ContainerName = (typeof containerNames)[number]

/** Which pairs of a ranking: every one, the best against the worst, or each answer against the next. */
export const pairNames = ["best-worst", "adjacent", "all"] as const
export type PairName = (typeof pairNames)[number]
