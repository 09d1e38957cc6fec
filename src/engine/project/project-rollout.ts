// Projects how a controller replaces pods.

import type { Rollout } from '../model/snapshot.ts';
import { booleanAt, numberAt, objectAt, present, textAt } from '../platform/data/field.ts';

/** Undefined for kinds that replace nothing, and for what is not known to. */
export function projectRollout(kind: string, object: unknown): Rollout | undefined {
  const rollout = rollouts.get(kind)?.(objectAt(object, 'spec'));
  return rollout && Object.keys(rollout).length > 0 ? rollout : undefined;
}

const rollouts: ReadonlyMap<string, (spec: unknown) => Rollout> = new Map([
  [
    'Deployment',
    (spec) => present({ strategy: wordAt(spec, 'strategy', 'type'), isPaused: booleanAt(spec, 'paused') }),
  ],
  [
    'StatefulSet',
    (spec) =>
      present({
        strategy: wordAt(spec, 'updateStrategy', 'type'),
        podManagement: wordAt(spec, 'podManagementPolicy'),
        partition: numberAt(spec, 'updateStrategy', 'rollingUpdate', 'partition'),
      }),
  ],
  ['DaemonSet', (spec) => present({ strategy: wordAt(spec, 'updateStrategy', 'type') })],
  [
    'CronJob',
    (spec) =>
      present({ concurrency: wordAt(spec, 'concurrencyPolicy'), isSuspended: booleanAt(spec, 'suspend') }),
  ],
  ['Job', (spec) => present({ isSuspended: booleanAt(spec, 'suspend') })],
]);

/** One of the API's own words; custom kinds that share a name may write anything there. */
const wordAt = (spec: unknown, ...path: readonly string[]): string | undefined =>
  textAt(spec, ...path)?.slice(0, 64);
