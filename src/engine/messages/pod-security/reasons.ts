// Why Pod Security refuses a pod, in the words of every release, and at which level each word is used.

import type { Violation } from '../../model/pod-security.ts';

export type KnownReason = {
  readonly text: string;
  /** Absent for words that both levels use. */
  readonly level?: 'baseline' | 'restricted';
  /** True where it is always the pod itself that is refused. */
  readonly isOfPod?: true;
};

const reasons: readonly KnownReason[] = [
  { text: 'runAsNonRoot != true', level: 'restricted' },
  // the alpha of 2021
  { text: 'runAsNonRoot != false', level: 'restricted' },
  { text: 'runAsUser=0', level: 'restricted' },
  { text: 'allowPrivilegeEscalation != false', level: 'restricted' },
  { text: 'unrestricted capabilities', level: 'restricted' },
  { text: 'restricted volume types', level: 'restricted', isOfPod: true },
  { text: 'seccompProfile' },
  { text: 'procMount' },
  { text: 'privileged', level: 'baseline' },
  { text: 'host namespaces', level: 'baseline', isOfPod: true },
  { text: 'hostPath volumes', level: 'baseline', isOfPod: true },
  { text: 'hostPort', level: 'baseline' },
  { text: 'non-default capabilities', level: 'baseline' },
  { text: 'seLinuxOptions', level: 'baseline' },
  { text: 'forbidden AppArmor profile', level: 'baseline' },
  { text: 'forbidden AppArmor profiles', level: 'baseline' },
  { text: 'forbidden sysctls', level: 'baseline', isOfPod: true },
  { text: 'hostProcess', level: 'baseline' },
  { text: 'probe or lifecycle host', level: 'baseline' },
  { text: 'unknown forbidden reason' },
];

/** As text that blanks have been taken out of holds them, the longest first. */
const squeezed = reasons
  .map((reason) => ({ reason, key: reason.text.replaceAll(' ', '').toLowerCase() }))
  .toSorted((one, other) => other.key.length - one.key.length);

export type FoundReason = { readonly reason: KnownReason; readonly end: number };

/** The longest known reason that stands at a place; more letters may follow. */
export function knownReasonAt(lower: string, at: number): FoundReason | undefined {
  const found = squeezed.find(({ key }) => lower.startsWith(key, at));
  return found && { reason: found.reason, end: at + found.key.length };
}

/** For a text that ends there: whether it was cut in the midst of a reason. */
export const isBeginningOfReason = (lower: string): boolean =>
  squeezed.some(({ key }) => key.startsWith(lower));

/** Whether nothing but a list of violations holds such words. */
export const isDistinctive = ({ reason }: Violation): boolean => /[ =]/.test(reason);

export const isKnown = ({ reason }: Violation): boolean => reasons.some(({ text }) => text === reason);
