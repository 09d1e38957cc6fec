// What a kubelet says of a container, and whether we say the same.

import { join } from 'node:path';
import { parseKubeletStatus } from '../../src/engine/messages/kubelet/kubelet-message.ts';
import { verifyRunAsNonRoot } from '../../src/engine/platform/kubelet/kubelet-user.ts';
import { nameOf } from './kubelet-specs.ts';
import type { Spec } from './kubelet-specs.ts';

export type KubeletSays =
  /** It may have failed later: then it was another matter. */
  | { readonly is: 'passed' }
  /** In the words of the kubelet, without the pod, which is another one each time. */
  | { readonly is: 'refused'; readonly message: string };

/** By the name of the spec, so that agreement is held where there is no cluster, too. */
export type Recorded = Readonly<Record<string, KubeletSays>>;

export const recordedPath = join(import.meta.dirname, 'kubelet-recorded.json');

export function refusedWith(message: string): KubeletSays {
  const end = message.lastIndexOf(' (pod: ');
  return { is: 'refused', message: end < 0 ? message : message.slice(0, end) };
}

/** One line that says what is wrong; undefined when we say what the kubelet says, for the same cause. */
export function disagreement(spec: Spec, kubelet: KubeletSays): string | undefined {
  const ours = verifyRunAsNonRoot({ ...spec.pod, ...spec.container }, spec.user);
  const cause = kubelet.is === 'refused' ? parseKubeletStatus(kubelet.message)?.cause : undefined;
  const agrees =
    kubelet.is === 'passed' ? ours.passes === true : ours.passes === false && ours.cause === cause;
  return agrees
    ? undefined
    : `${nameOf(spec)}: the kubelet says ${JSON.stringify(kubelet)}, we say ${JSON.stringify(ours)}`;
}
