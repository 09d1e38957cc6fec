// Which of two states of a resource is the later one.

const shape = /^(?:0|[1-9]\d{0,30})$/;

/**
 * Negative when `a` is older than `b`, positive when it is newer, 0 when they are the same. Undefined when they cannot
 * be compared: versions are opaque where they are not whole numbers.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!shape.test(a) || !shape.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** The later of two, and the second where they cannot be compared. */
export function laterVersion(a: string, b: string): string {
  return (compareVersions(a, b) ?? -1) > 0 ? a : b;
}
