import { expect, test } from '@jest/globals';

import { fairShare } from './fair-share.ts';

const namespaceOf = (name: string): string => name.slice(0, 1);
const crowd = Array.from({ length: 510 }, (_, index) => `a${index}`);

test('a crowd in one group does not push out another group', () => {
  const shared = fairShare([...crowd, 'b0', 'c0', 'c1'], namespaceOf, 10);
  expect(shared).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b0', 'c0', 'c1']);
});

test('all are chosen where there is room, and none where there is not', () => {
  expect(fairShare(['a', 'b'], namespaceOf, 2)).toEqual(['a', 'b']);
  expect(fairShare(['a', 'b'], namespaceOf, 0)).toEqual([]);
});
