// Label selectors as objects carry them, matched here rather than by the API server.

import { isObject, listAt, objectAt, textAt } from '../platform/field.ts';

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

function isMet(labels: Labels, expression: unknown): boolean {
  const value = valueOf(labels, textAt(expression, 'key') ?? '');
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    // True as well of what has no such label.
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

const valueOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;
