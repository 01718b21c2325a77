/** Text gathered to blocks, so that a file is not written row by row. */

const blockSize = 64 * 1024
const encoder = new TextEncoder()

export const blocks = (open: string) => {
  let held = open
  const take = (): Uint8Array => {
    const bytes = encoder.encode(held)
    held = ""
    return bytes
  }
  return {
    push: (text: string): Uint8Array | undefined => {
      held += text
      return held.length < blockSize ? undefined : take()
    },
    end: (close: string): Uint8Array => {
      held += close
      return take()
    }
  }
}
