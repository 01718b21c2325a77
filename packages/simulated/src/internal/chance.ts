/** Draws that are not uniform. */

/** A standard normal number of two uniform ones (Box–Muller). */
export const normal = (draw: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/** One of some, or of an empty list nothing. */
export const one = <A>(draw: () => number, items: ReadonlyArray<A>): A | undefined =>
  items[Math.floor(draw() * items.length)]
