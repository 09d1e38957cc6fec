// Puts texts in the same order everywhere, whatever the locale.

/** For `toSorted`: by code units. */
export const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
