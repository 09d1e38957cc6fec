// What makes the change.

import type { Command } from '../../model/fix.ts';
import type { Workload } from '../../model/snapshot.ts';

/** Undefined where no command could do it: the cluster may have changed a Job's template, so its manifest is needed. */
export function changeCommand({ ref }: Workload): Command | undefined {
  if (ref.kind === 'Job') return undefined;
  return { do: ref.kind === 'Pod' ? 'replacePod' : 'patch', workload: ref };
}
