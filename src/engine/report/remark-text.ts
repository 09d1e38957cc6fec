// The sentences about settings that have no effect, or that contradict what failed.

import type { Remark } from '../model/reported-failure.ts';

/** One line, with its full stop. */
export function remarkText(remark: Remark): string {
  switch (remark.is) {
    case 'notInForce': {
      const { field, value, isInManifest, container } = remark;
      const who = container === undefined ? 'this container' : `container ${container}`;
      const why = isInManifest
        ? 'the pod is older than this manifest, or was made from another one'
        : 'it stands at another place, in another container, or in a value that no template uses';
      return `${field} ${String(value)} is not in force on ${who}: with it this failure is impossible, so ${why}. See kubectl get pod NAME -o yaml.`;
    }
    case 'misplaced':
      return `${remark.field} has no effect: Kubernetes has no such field and drops it. Write it at ${remark.belongs}.`;
    case 'exclusive':
      return `Container ${remark.container} has ${remark.fields.join(' and ')}: the API server refuses the two together.`;
    default:
      return remark satisfies never;
  }
}
