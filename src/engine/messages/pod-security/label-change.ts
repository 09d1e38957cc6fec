// Reads what the API server answers to a new enforce label of a namespace: which of its pods would be refused.

import type { PodSecurityPolicy, Violation } from '../../model/pod-security.ts';
import { isLabel, isSubdomain } from '../kubelet/kubelet-suffix.ts';
import { originAt, type Squeezed } from '../paste/squeeze.ts';
import { readChecks } from './checks.ts';
import { policyOf } from './frames.ts';
import { squeezedAt } from '../paste/pasted-text.ts';
import { isDistinctive, isKnown } from './reasons.ts';

type LabelChange = {
  readonly policy?: PodSecurityPolicy;
  readonly namespace?: string;
  readonly pod?: string;
  readonly violations: readonly Violation[];
};

/** Lines that are read in one text. */
const maxLines = 64;

const ofNamespace =
  /existingpodsinnamespace"?([a-z0-9-]{1,63})"?violatethenewpodsecurityenforcelevel"?(privileged|baseline|restricted):(latest|v1\.\d{1,4})/;

/** The namespace and its policy, and of the pods the first that is named. */
export function readLabelChange(paste: Squeezed): LabelChange | undefined {
  const found = ofNamespace.exec(paste.lower);
  const [, namespace = '', level, version] = found ?? [];
  const lines = [countedLine(paste), plainLine(paste, found !== null)].filter((line) => line !== undefined);
  const line = lines.toSorted((one, other) => one.at - other.at)[0];
  if (!found && !line) return undefined;
  return {
    ...policyOf(level, version),
    ...(isLabel(namespace) && { namespace }),
    violations: line?.violations ?? [],
    ...(line && { pod: line.pod }),
  };
}

type Line = { readonly at: number; readonly pod: string; readonly violations: readonly Violation[] };

/** `POD (and 3 other pods): REASON, REASON` */
function countedLine(paste: Squeezed): Line | undefined {
  return firstOf(paste.lower.matchAll(/\(and\d{1,9}otherpods?\):/g), ({ index, 0: { length } }) => {
    const at = originAt(paste, index);
    const before = paste.raw.slice(Math.max(0, at - 300), at).trimEnd();
    const pod = /[a-z0-9][-a-z0-9.]{0,252}$/.exec(before)?.[0];
    return lineOf(at, pod, readChecks(paste, index + length, 'pasted'));
  });
}

const plain = /^[ \t>]*(Warning:[ \t]*|[EWI]\d{4}[^\]\n]{0,80}\][ \t]*)?([a-z0-9][-a-z0-9.]{0,252}):[ \t]/gm;

/**
 * `POD: REASON, REASON`, which gives no details. Programs and linters put such words behind a colon, too: unless a warning
 * is announced, only several known reasons behind the name of a controller's pod are believed.
 */
function plainLine(paste: Squeezed, isAnnounced: boolean): Line | undefined {
  return firstOf(paste.raw.matchAll(plain), ({ index, 0: { length }, 1: mark, 2: pod }) => {
    const violations = readChecks(paste, squeezedAt(paste, index + length), 'pasted');
    const isBelieved = isAnnounced || mark !== undefined || isPlainList(pod ?? '', violations);
    return isBelieved ? lineOf(index, pod, violations) : undefined;
  });
}

const isPlainList = (pod: string, violations: readonly Violation[]): boolean =>
  pod.includes('-') &&
  violations.length > 1 &&
  violations.some(isDistinctive) &&
  violations.every((violation) => violation.detail === '' && isKnown(violation));

function lineOf(at: number, pod: string | undefined, violations: readonly Violation[]): Line | undefined {
  return pod && isSubdomain(pod) && violations.length > 0 ? { at, pod, violations } : undefined;
}

function firstOf<T>(
  matches: Iterable<RegExpExecArray>,
  read: (match: RegExpExecArray) => T | undefined,
): T | undefined {
  let count = 0;
  for (const match of matches) {
    const found = read(match);
    if (found || (count += 1) === maxLines) return found;
  }
  return undefined;
}
