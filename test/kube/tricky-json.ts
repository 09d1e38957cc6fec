// For tests: JSON that misleads a reader who counts brackets and quotes, or who looks for names without knowing where it is.

import * as fc from 'fast-check';

export const needle = 'CreateContainerConfigError';

/** Text that would mislead who counts brackets and quotes, or looks for names without knowing where it is. */
export const trickyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '"}]}',
    '\\',
    '\\"',
    '"items":[',
    '"metadata":{"name":"other"}',
    '{"type":"DELETED"',
    '\n',
    '\u2028',
    '日本\u{1f600}',
    needle,
    `x${needle}"`,
  ),
);

export const tricky = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    trickyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(trickyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Members in any order, some of them missing, others that nobody asked for. */
export function shuffled(
  fields: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(
      fc.record(fields, { requiredKeys: [] }),
      fc.dictionary(trickyText, tricky, { maxKeys: 3, noNullPrototype: true }),
    )
    .map(([known, others]) => Object.assign(others, known))
    .chain((object) => fc.shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length }))
    .map((entries) => Object.fromEntries(entries));
}

const metadata = shuffled({
  name: trickyText,
  namespace: trickyText,
  uid: trickyText,
  resourceVersion: trickyText,
  labels: tricky,
});
export const object = shuffled({ kind: trickyText, metadata, spec: tricky, status: tricky });

/** What it gives; undefined where it throws. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
