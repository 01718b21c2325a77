/** How the command ends: one code for each kind of end, and one line that says why. */

/** 0 done; 1 failed; 2 said wrongly; 3 stopped with work left; 130 interrupted, where the same command goes on. */
export const exitCodes = { done: 0, failed: 1, usage: 2, stopped: 3, interrupted: 130 } as const

/** What ended a run before its files were written: the last line of `--json`, in place of `Finished`. */
export interface Failed {
  readonly _tag: "Failed"
  readonly code: number
  /** The error's tag. */
  readonly error: string
  readonly message: string
}

/** Says an end on stderr, and with `--json` as the last event on stdout; answers its code. */
export const fail = (json: boolean, code: number, error: string, message: string): number => {
  const failed: Failed = { _tag: "Failed", code, error, message }
  if (json) process.stdout.write(`${JSON.stringify(failed)}\n`)
  process.stderr.write(`consortium: ${message}\n`)
  return code
}
