/** Why a store can't be opened or used, and what to do about it. */
import * as Schema from "effect/Schema"
import { Halted } from "@consortium/core/Call"
import type * as SqlError from "effect/sql/SqlError"

const remedies = {
  locked: "another process is using this run: wait for it, or choose another folder",
  "read-only": "make the file and its folder writable, or choose another folder",
  full: "free some disk space; the same command goes on where it stopped",
  newer: "it was written by a newer version: update, or choose another folder",
  damaged: "restore it from a backup, or choose another folder; nothing was changed",
  unusable: "see the cause; nothing was changed"
}

export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  why: Schema.Literals(["locked", "read-only", "full", "newer", "damaged", "unusable"]),
  path: Schema.String,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `store ${this.path}: ${this.why} (${this.detail}); ${remedies[this.why]}`
  }
}

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const byCode: ReadonlyMap<number, StoreError["why"]> = new Map([
  [5, "locked"],
  [6, "locked"],
  [8, "read-only"],
  [11, "damaged"],
  [13, "full"],
  [14, "unusable"],
  [26, "damaged"]
])

/** Reads the driver's result code; words are for people only. */
export const fromSql = (path: string, error: SqlError.SqlError): StoreError => {
  const cause: unknown = error.reason.cause
  const code =
    cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : -1
  const detail = cause instanceof Error ? cause.message : error.message
  return new StoreError({ why: byCode.get(code) ?? "unusable", path, detail })
}

/** A store that fails in the middle of a run stops the run: what is answered can no longer be kept. */
export const halt = (error: StoreError): Halted => new Halted({ why: "store", detail: error.message })
