import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { defaultBackoff, delayOf } from '../../net/backoff.ts';
import { compareVersions, laterVersion } from './resource-version.ts';
import { firstState, restartReasons, step } from './watcher.ts';
import type { RestartReason, WatchState, Wire } from './watcher.ts';

const watching: WatchState = { ...firstState, phase: 'watch', resourceVersion: '10' };

function stopped(reason: RestartReason, afterMs = 0, retryAfterMs = 0): Wire {
  return { is: 'stopped', reason, afterMs, retryAfterMs };
}

function progress(resourceVersion: string, isBookmark = false): Wire {
  return { is: 'progress', resourceVersion, isBookmark };
}

/** The wait that a sequence of news ends in: failures counted, or `none`. */
function waitAfter(state: WatchState, ...news: readonly Wire[]): string {
  let current = state;
  let last = 'none';
  for (const wire of news) {
    const [next, effects] = step(current, wire);
    const wait = effects.find((effect) => effect.do === 'wait');
    last = wait
      ? `${wait.isReachable ? 'failures' : 'misses'} ${wait.failures}, at least ${wait.atLeastMs}`
      : 'none';
    current = next;
  }
  return last;
}

describe('a step', () => {
  test('reads page after page, then watches from the version of the list', () => {
    const [second] = step(firstState, { is: 'page', resourceVersion: '10', continueToken: 'more' });
    expect(second).toMatchObject({ phase: 'list', continueToken: 'more' });
    const [third, effects] = step(second, { is: 'page', resourceVersion: '10', continueToken: '' });
    expect(third).toMatchObject({ phase: 'watch', resourceVersion: '10', continueToken: '' });
    expect(effects).toEqual([{ do: 'announceSync' }]);
  });

  const waits: readonly [string, string, readonly Wire[]][] = [
    ['a watch that ends in time goes on at once', 'none', [stopped('ended', 240_000)]],
    ['one that ends at once waits', 'failures 1, at least 0', [stopped('ended', 10)]],
    [
      'and longer each time',
      'failures 3, at least 0',
      [stopped('ended'), stopped('ended'), stopped('ended')],
    ],
    ['a first 410 is listed at once', 'failures 0, at least 0', [stopped('gone')]],
    ['a second one waits', 'failures 1, at least 0', [stopped('gone'), stopped('gone')]],
    [
      'a list that works does not excuse a watch that does not',
      'failures 1, at least 0',
      [stopped('gone'), { is: 'page', resourceVersion: '11', continueToken: '' }, stopped('gone')],
    ],
    ['Retry-After is kept', 'failures 1, at least 7000', [stopped('throttled', 0, 7000)]],
    ['but not for an hour', 'failures 1, at least 60000', [stopped('throttled', 0, 3_600_000)]],
    [
      'attempts that reach no server are counted apart, and a server that is back is asked soon',
      'failures 1, at least 0',
      [stopped('unreachable'), stopped('unreachable'), stopped('unreachable'), stopped('serverError')],
    ],
    ['misses add up', 'misses 2, at least 0', [stopped('unreachable'), stopped('unreachable')]],
    [
      'progress makes good',
      'failures 1, at least 0',
      [stopped('reset'), stopped('reset'), progress('11'), stopped('reset')],
    ],
    [
      'the same version again is no progress',
      'failures 3, at least 0',
      [stopped('reset'), stopped('reset'), progress('10'), stopped('reset')],
    ],
    [
      'a healthy minute makes good',
      'failures 1, at least 0',
      [stopped('reset'), stopped('reset'), stopped('reset', 60_000)],
    ],
  ];

  test.each(waits)('%s: %s', (_what, expected, news) => {
    expect(waitAfter(watching, ...news)).toBe(expected);
  });

  test.each(restartReasons)('%s is announced, whatever follows', (reason) => {
    expect(step(watching, stopped(reason))[1][0]).toEqual({ do: 'announceRestart', reason });
  });

  test('three failures at one place lead to a new list, unless a list would not help', () => {
    const kept = restartReasons.filter(
      (reason) => [1, 2, 3].reduce((state) => step(state, stopped(reason))[0], watching).phase === 'watch',
    );
    expect(kept.toSorted()).toEqual(['forbidden', 'throttled', 'tls', 'unauthorized', 'unreachable']);
  });

  test('bookmarks are remembered once seen, even where they bring nothing new', () => {
    const [seen] = step(watching, progress('10', true));
    expect([watching.hasBookmarks, seen.hasBookmarks, seen.resourceVersion]).toEqual([false, true, '10']);
    expect(step(seen, stopped('gone'))[0].hasBookmarks).toBe(true);
  });

  test('silence for any time is not health: the third one leads to a new list', () => {
    const silences = [1, 2, 3].map(() => stopped('silence', 150_000));
    expect(silences.reduce((state, wire) => step(state, wire)[0], watching).phase).toBe('list');
    expect(waitAfter(watching, ...silences)).toBe('failures 3, at least 0');
  });

  test('the place to go on from never moves back, whatever comes', () => {
    const wire = fc.oneof(
      fc.nat({ max: 99 }).map((n) => progress(String(n))),
      fc.constantFrom('reset', 'ended', 'garbage').map((reason) => stopped(reason)),
    );
    fc.assert(
      fc.property(fc.array(wire, { maxLength: 30 }), (news) => {
        let state = watching;
        for (const one of news) {
          const [next] = step(state, one);
          expect(compareVersions(next.resourceVersion, state.resourceVersion)).toBeGreaterThanOrEqual(0);
          state = next;
        }
      }),
    );
  });
});

describe('a wait', () => {
  test('doubles up to its cap, with all of it left to chance', () => {
    const { baseMs, capMs } = defaultBackoff;
    const longest = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) =>
      delayOf(baseMs, capMs, failures, 0.99999),
    );
    expect(longest).toEqual([0, 499, 999, 1999, 3999, 7999, 15_999, 29_999, 29_999, 29_999]);
    expect(delayOf(baseMs, capMs, 5, 0)).toBe(0);
  });

  test('for a server that is away is never longer than two seconds', () => {
    const { baseMs, unreachableCapMs } = defaultBackoff;
    expect(delayOf(baseMs, unreachableCapMs, 50, 0.99999)).toBeLessThan(2000);
  });
});

describe('versions', () => {
  test.each([
    ['9', '10', 'older'],
    ['10', '9', 'newer'],
    ['99999999999999999998', '99999999999999999999', 'older'],
    ['7', '7', 'same'],
    ['abc', 'abc', 'same'],
    ['abc', '7', 'unknown'],
    ['', '7', 'unknown'],
    ['007', '8', 'unknown'],
    ['-1', '8', 'unknown'],
  ])('%s is %s than %s or cannot be compared: %s', (a, b, expected) => {
    const order = compareVersions(a, b);
    const said = order === undefined ? 'unknown' : order === 0 ? 'same' : order < 0 ? 'older' : 'newer';
    expect(said).toBe(expected);
  });

  test('the later one is the second where they cannot be compared', () => {
    expect([laterVersion('10', '9'), laterVersion('9', '10'), laterVersion('a', 'b')]).toEqual([
      '10',
      '10',
      'b',
    ]);
  });
});
