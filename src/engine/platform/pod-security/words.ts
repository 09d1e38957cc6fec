// The grammar of Pod Security's texts: plurals, quotes, sorted lists.

/** The word as it is for one, with an `s` for any other number. */
export const plural = (word: string, things: readonly unknown[]): string =>
  things.length === 1 ? word : `${word}s`;

/** A verb beside them: `uses` for one, `use` for more. */
export const verb = (word: string, things: readonly unknown[]): string =>
  things.length === 1 ? `${word}s` : word;

/** `"a", "b"`; what stands in the values is not escaped. */
export const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');

/** Each once, in the order of their characters, numbers too: 443, 80, 8080. */
export const sortedOnce = (values: readonly string[]): readonly string[] => [...new Set(values)].toSorted();
