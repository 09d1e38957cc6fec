// A list and the watch that follows it, as one state and a step: what came over the wire in, what to do out.

import { laterVersion } from './resource-version.ts';

/** Why a watch or a list had to start again; `exception` stands for a mistake of our own. */
export const restartReasons = [
  'ended',
  'gone',
  'reset',
  'cut',
  'silence',
  'garbage',
  'exception',
  'throttled',
  'serverError',
  'unauthorized',
  'forbidden',
  'rejected',
  'timeout',
  'tls',
  'unreachable',
] as const;

export type RestartReason = (typeof restartReasons)[number];

export type WatchState = {
  /** What to do next: read the page at `continueToken`, or watch from `resourceVersion`. */
  readonly phase: 'list' | 'watch';
  readonly resourceVersion: string;
  /** Empty for the first page. */
  readonly continueToken: string;
  /** Pages are this many times as long as asked for: a list that expires half way needs fewer of them. */
  readonly pageFactor: number;
  /** Whether bookmarks were ever seen: some collections (Events) have none, and quiet there looks like a dead line. */
  readonly hasBookmarks: boolean;
  /** Failures in a row of a server that answers. */
  readonly failures: number;
  /** Attempts in a row that reached no server. */
  readonly misses: number;
  /** Failures in a row at this very place, whatever their kind. */
  readonly stuck: number;
};

export type Wire =
  | { readonly is: 'page'; readonly resourceVersion: string; readonly continueToken: string }
  | { readonly is: 'progress'; readonly resourceVersion: string; readonly isBookmark: boolean }
  | {
      readonly is: 'stopped';
      readonly reason: RestartReason;
      /** How long the watch had been open. */
      readonly afterMs: number;
      readonly retryAfterMs?: number;
    };

export type Effect =
  | { readonly do: 'announceSync' }
  | { readonly do: 'announceRestart'; readonly reason: RestartReason }
  | {
      readonly do: 'wait';
      readonly failures: number;
      readonly isReachable: boolean;
      readonly atLeastMs: number;
    };

export const firstState: WatchState = {
  phase: 'list',
  resourceVersion: '',
  continueToken: '',
  pageFactor: 1,
  hasBookmarks: false,
  failures: 0,
  misses: 0,
  stuck: 0,
};

const healthyMs = 60_000;
/** A server that ends watches sooner than this is not asked again at once. */
const earlyMs = 5_000;
const stuckLimit = 3;
const pageFactorLimit = 8;
const retryAfterLimitMs = 60_000;

/** After these a new list of everything would not help: the watch goes on where it was. */
const keepsPlace = new Set<RestartReason>(['unreachable', 'throttled', 'unauthorized', 'forbidden', 'tls']);

/** What one thing that came over the wire does to the state, and what is to be done about it, in order. */
export function step(state: WatchState, wire: Wire): readonly [WatchState, readonly Effect[]] {
  switch (wire.is) {
    case 'page':
      return pageRead(state, wire.resourceVersion, wire.continueToken);
    case 'progress':
      return [progressed(wire.isBookmark ? withBookmarks(state) : state, wire.resourceVersion), []];
    case 'stopped':
      return stopped(state, wire.reason, wire.afterMs, wire.retryAfterMs ?? 0);
    default:
      return wire satisfies never;
  }
}

function pageRead(
  state: WatchState,
  resourceVersion: string,
  continueToken: string,
): readonly [WatchState, readonly Effect[]] {
  const next = { ...state, continueToken, misses: 0, stuck: 0 };
  if (continueToken !== '') return [next, []];
  // Failures stay counted: a server whose lists work and whose watches do not must not be listed without a pause.
  return [{ ...next, phase: 'watch', resourceVersion, pageFactor: 1 }, [{ do: 'announceSync' }]];
}

function withBookmarks(state: WatchState): WatchState {
  return state.hasBookmarks ? state : { ...state, hasBookmarks: true };
}

function progressed(state: WatchState, resourceVersion: string): WatchState {
  const later = laterVersion(state.resourceVersion, resourceVersion);
  if (later === state.resourceVersion) return state;
  return { ...state, resourceVersion: later, failures: 0, misses: 0, stuck: 0 };
}

function stopped(
  state: WatchState,
  reason: RestartReason,
  afterMs: number,
  retryAfterMs: number,
): readonly [WatchState, readonly Effect[]] {
  // Long silence is not health: a server that was set back to an old backup has nothing to say for a long time.
  const isHealthy = afterMs >= healthyMs && reason !== 'silence';
  const before = isHealthy ? { ...state, failures: 0, misses: 0, stuck: 0 } : state;
  const counted = count(before, reason, afterMs);
  const isMiss = reason === 'unreachable';
  const wait: Effect = {
    do: 'wait',
    // A version that expires once is usual, and the list that follows need not wait.
    failures: reason === 'gone' ? before.failures : isMiss ? counted.misses : counted.failures,
    isReachable: !isMiss,
    atLeastMs: Math.min(retryAfterMs, retryAfterLimitMs),
  };
  const isQuick = reason === 'ended' && afterMs >= earlyMs;
  return [placed(counted, reason), [{ do: 'announceRestart', reason }, ...(isQuick ? [] : [wait])]];
}

function count(state: WatchState, reason: RestartReason, afterMs: number): WatchState {
  if (reason === 'ended' && afterMs >= earlyMs) return state;
  // Refused connections are counted apart: when the server is back, its first words are not answered by a long wait.
  if (reason === 'unreachable') return { ...state, misses: state.misses + 1 };
  return { ...state, failures: state.failures + 1, misses: 0, stuck: state.stuck + 1 };
}

/** Where to go on: at the same place, or with a new list where that place is gone or leads nowhere. */
function placed(state: WatchState, reason: RestartReason): WatchState {
  const isGone = reason === 'gone';
  if (!isGone && (state.stuck < stuckLimit || keepsPlace.has(reason))) return state;
  const pageFactor =
    isGone && state.phase === 'list' ? Math.min(state.pageFactor * 2, pageFactorLimit) : state.pageFactor;
  return { ...state, phase: 'list', continueToken: '', pageFactor, stuck: 0 };
}
