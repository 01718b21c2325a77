/** Arrays with at least one element, and the operations that keep them so. */

/** A read-only array that has a first element. */
export type NonEmpty<A> = readonly [A, ...ReadonlyArray<A>]

/** Narrows an array to one with a first element. */
export const isNonEmpty = <A>(items: ReadonlyArray<A>): items is NonEmpty<A> => items.length > 0

/** Maps, keeping the non-emptiness that `Array.prototype.map` forgets. */
export const map = <A, B>(items: NonEmpty<A>, f: (item: A, index: number) => B): NonEmpty<B> => {
  const [first, ...rest] = items
  return [f(first, 0), ...rest.map((item, index) => f(item, index + 1))]
}
