// A bounded choice in which no group pushes out another: one of each group, then a second of each, and so on.

/** In the order of the items, as many as `most`; the same items as long as no other ones come. */
export function fairShare<T>(items: readonly T[], groupOf: (item: T) => string, most: number): readonly T[] {
  if (items.length <= most) return items;
  const groups = [...Map.groupBy(items, groupOf).values()];
  const rounds = new Map(groups.flatMap((group) => group.map((item, round) => [item, round] as const)));
  const byRound = items.toSorted((a, b) => (rounds.get(a) ?? 0) - (rounds.get(b) ?? 0));
  const chosen = new Set(byRound.slice(0, most));
  return items.filter((item) => chosen.has(item));
}
