// Label selectors as objects carry them, matched here rather than by the API server.

import { isObject, listAt, objectAt, textAt } from '../platform/data/field.ts';

export type Labels = Readonly<Record<string, string>>;

/** A Service's: every pair must be there. One without any pair selects nothing. */
export function hasLabels(labels: Labels, pairs: unknown): boolean {
  const wanted = Object.entries(isObject(pairs) ? pairs : {});
  return wanted.length > 0 && wanted.every(([key, value]) => valueOf(labels, key) === value);
}

/**
 * `matchLabels` and `matchExpressions`. An empty selector matches everything, as in the API; an absent one matches
 * nothing, and so does one with an operator that we do not know.
 */
export function isSelected(labels: Labels, selector: unknown): boolean {
  if (!isObject(selector)) return false;
  return (
    Object.entries(objectAt(selector, 'matchLabels')).every(
      ([key, value]) => valueOf(labels, key) === value,
    ) && listAt(selector, 'matchExpressions').every((expression) => isMet(labels, expression))
  );
}

type Requirement = (value: string | undefined, values: readonly unknown[]) => boolean;

const requirements: ReadonlyMap<string, Requirement> = new Map<string, Requirement>([
  ['In', (value, values) => value !== undefined && values.includes(value)],
  // True as well of what has no such label.
  ['NotIn', (value, values) => value === undefined || !values.includes(value)],
  ['Exists', (value) => value !== undefined],
  ['DoesNotExist', (value) => value === undefined],
]);

function isMet(labels: Labels, expression: unknown): boolean {
  const requirement = requirements.get(textAt(expression, 'operator') ?? '');
  const value = valueOf(labels, textAt(expression, 'key') ?? '');
  return requirement?.(value, listAt(expression, 'values')) ?? false;
}

const valueOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
