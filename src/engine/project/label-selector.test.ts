// Label selectors, held to what Kubernetes says of them.

import { describe, expect, test } from '@jest/globals';

import { hasLabels, isSelected } from './label-selector.ts';

const labels = { app: 'web', tier: 'front' };
const expression = (operator: string, key: string, ...values: readonly unknown[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
});

describe('a selector', () => {
  test.each<[unknown]>([
    [{}],
    [{ matchLabels: {} }],
    [{ matchLabels: { app: 'web' } }],
    [{ matchLabels: labels }],
    [expression('In', 'app', 'api', 'web')],
    [expression('NotIn', 'app', 'api')],
    [expression('NotIn', 'other', 'web')],
    [expression('Exists', 'tier')],
    [expression('DoesNotExist', 'other')],
    [{ matchLabels: { app: 'web' }, ...expression('Exists', 'tier') }],
  ])('%j selects the pod', (selector) => {
    expect(isSelected(labels, selector)).toBe(true);
  });

  test.each<[unknown]>([
    [undefined],
    [null],
    ['app=web'],
    [{ matchLabels: { app: 'api' } }],
    [{ matchLabels: { app: 'web', other: 'x' } }],
    [{ matchLabels: { toString: 'x' } }],
    [expression('In', 'app', 'api')],
    [expression('In', 'app')],
    [expression('In', 'other', undefined)],
    [expression('NotIn', 'app', 'web')],
    [expression('Exists', 'other')],
    [expression('Exists', 'constructor')],
    [expression('DoesNotExist', 'app')],
    [expression('Gt', 'app', '1')],
    [expression('toString', 'app', '1')],
    [{ matchLabels: { app: 'web' }, ...expression('Exists', 'other') }],
    [{ matchExpressions: ['app'] }],
  ])('%j does not', (selector) => {
    expect(isSelected(labels, selector)).toBe(false);
  });
});

test.each<[unknown, boolean]>([
  [{ app: 'web' }, true],
  [labels, true],
  [{ app: 'web', other: 'x' }, false],
  [{ app: 'api' }, false],
  [{}, false],
  [undefined, false],
  [null, false],
])("a Service's selector %j: %s", (pairs, expected) => {
  expect(hasLabels(labels, pairs)).toBe(expected);
});
