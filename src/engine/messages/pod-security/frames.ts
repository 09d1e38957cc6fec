// Finds the sentences with which Pod Security refuses a pod or warns of it: violates PodSecurity "LEVEL:VERSION": …

import { podSecurityLevels, type PodSecurityPolicy } from '../../model/pod-security.ts';
import { isSubdomain } from '../kubelet/kubelet-suffix.ts';
import type { Squeezed } from '../paste/squeeze.ts';

export type Frame = {
  readonly enforced: boolean;
  readonly policy?: PodSecurityPolicy;
  readonly pod?: string;
  /** True where the API server's own `is forbidden:` stands in front. */
  readonly isRejection: boolean;
  readonly hasColon: boolean;
  readonly start: number;
  /** Where the checks begin, in the squeezed text. */
  readonly end: number;
};

/** Sentences that are read in one text. */
const maxFrames = 32;
/** How far in front the pod may be named, in characters. */
const reach = 700;

const policy = String.raw`(?:(privileged|baseline|restricted)(?::(latest|v1\.\d{1,4}))?"?)?`;
const sentence = new RegExp(`violates?podsecurity"?${policy}(:?)`, 'g');

/** In the order of the text. */
export function framesIn({ lower }: Squeezed): readonly Frame[] {
  const found: Frame[] = [];
  for (const match of lower.matchAll(sentence)) {
    if (found.length === maxFrames) break;
    const before = lower.slice(Math.max(0, match.index - reach), match.index);
    const isWarning = before.endsWith('would');
    if (!isWarning && !match[0].startsWith('violates')) continue;
    found.push({
      enforced: !isWarning,
      ...policyOf(match[1], match[2]),
      ...podIn(before),
      isRejection: /isforbidden:(?:pod)?$/.test(before),
      hasColon: match[3] === ':',
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  return found;
}

/** Both the level and the version, or nothing. */
export function policyOf(
  level: string | undefined,
  version: string | undefined,
): { readonly policy?: PodSecurityPolicy } {
  const known = podSecurityLevels.find((name) => name === level);
  if (!known || !version) return {};
  return { policy: { level: known, version: version === 'latest' ? version : Number(version.slice(3)) } };
}

const rejectedPod = /pods"?([a-z0-9.-]{1,253})"?isforbidden:(?:pod)?$/;
const podOfStatefulSet = /createpod([a-z0-9.-]{1,253})instatefulset/g;

/** A name that is only the beginning of one, as old API servers print it, is none. */
function podIn(before: string): { readonly pod?: string } {
  const pod =
    rejectedPod.exec(before)?.[1] ?? Array.from(before.matchAll(podOfStatefulSet), ([, name]) => name).at(-1);
  return pod && isSubdomain(pod) ? { pod } : {};
}
