// The policies that are asked for: both levels that refuse anything, at every version at which something changed.

import type { PodSecurityPolicy, PolicyVersion } from '../../src/engine/model/pod-security.ts';

/** Those around them too, and one of the future. */
const minors = [0, 7, 8, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 99];

/** Enough to see most of what changes. */
const sampleMinors = [0, 18, 24, 33];

export const allPolicies: readonly PodSecurityPolicy[] = atBothLevels([...minors, 'latest']);

export const samplePolicies: readonly PodSecurityPolicy[] = atBothLevels([...sampleMinors, 'latest']);

function atBothLevels(versions: readonly PolicyVersion[]): readonly PodSecurityPolicy[] {
  return (['baseline', 'restricted'] as const).flatMap((level) =>
    versions.map((version) => ({ level, version })),
  );
}
