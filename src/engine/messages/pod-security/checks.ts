// Reads the list of checks that a pod fails: REASON (DETAIL), REASON (DETAIL), … or the reasons alone.

import type { Violation } from '../../model/pod-security.ts';
import { printable } from '../../platform/data/printable.ts';
import { originAt, type Squeezed } from '../paste/squeeze.ts';
import { readDetail, type Detail } from './detail.ts';
import { knownReasonAt, type FoundReason, type KnownReason } from './reasons.ts';

const maxViolations = 32;
const maxReasonLength = 80;
const maxDetailLength = 1024;

/**
 * How a text came: `exact` straight from the API, so that whatever stands there is a check; `pasted` through people's
 * hands, so that words which are not known to be a reason need a detail that speaks of a pod.
 */
type TextOrigin = 'exact' | 'pasted';

/** @param from where the first reason stands, in the squeezed text */
export function readChecks(paste: Squeezed, from: number, origin: TextOrigin): readonly Violation[] {
  const violations: Violation[] = [];
  let at: number | undefined = from;
  while (at !== undefined && violations.length < maxViolations) {
    const check = readCheck(paste, at, origin);
    if (!check) break;
    violations.push(check.violation);
    at = nextOf(paste, check.end);
  }
  return violations;
}

type CheckText = { readonly violation: Violation; readonly end: number };

function readCheck(paste: Squeezed, at: number, origin: TextOrigin): CheckText | undefined {
  const found = knownAt(paste, at) ?? unknownAt(paste, at, origin);
  if (!found) return undefined;
  const detail = paste.text[found.end] === '(' ? readDetail(paste, found.end, origin === 'exact') : undefined;
  return { violation: violationOf(found.reason, detail), end: detail?.end ?? found.end };
}

function violationOf({ text, level, isOfPod }: KnownReason, detail: Detail | undefined): Violation {
  const containers = detail?.containers ?? [];
  return {
    reason: text,
    detail: printable(detail?.text ?? '', maxDetailLength),
    ...(level && { level }),
    ...((isOfPod || detail?.isOfPod) && { pod: true }),
    ...(containers.length > 0 && { containers }),
  };
}

function knownAt(paste: Squeezed, at: number): FoundReason | undefined {
  const found = knownReasonAt(paste.lower, at);
  return found && (paste.text[found.end] === '(' || isEnded(paste, found.end)) ? found : undefined;
}

/** Whether a list may end or go on there, and not words of which a reason is only the beginning. */
function isEnded(paste: Squeezed, end: number): boolean {
  if (/[,;]/.test(paste.text[end] ?? ',')) return true;
  const last = originAt(paste, end - 1);
  return /^[ \t]*(?:$|[\r\n\\"'`)\]}<…]|\.(?:\s|$|\.)|Warning:)/.test(paste.raw.slice(last + 1, last + 200));
}

const unknownWithDetail = /^[a-z][\w!=<>./-]{0,80}(?=\()/i;
const unknownAlone = /^[a-z][\w!=<>./-]{0,80}(?=,)/i;
const anyReason = /^[^,()"]{1,80}(?=[,(]|$)/;
const aboutPods = /"|\b(?:containers?|pods?|volumes?|securityContext)\b|^spec\./;

function unknownAt(paste: Squeezed, at: number, origin: TextOrigin): FoundReason | undefined {
  const rest = paste.text.slice(at, at + 100);
  const length = origin === 'exact' ? anyReason.exec(rest)?.[0].length : lengthOfPasted(paste, at, rest);
  if (!length) return undefined;
  const raw = paste.raw.slice(originAt(paste, at), originAt(paste, at + length));
  const text = printable(raw.replaceAll(/\s+/g, ' ').trim(), maxReasonLength);
  return { reason: { text }, end: at + length };
}

function lengthOfPasted(paste: Squeezed, at: number, rest: string): number | undefined {
  const alone = unknownAlone.exec(rest)?.[0].length;
  if (alone) return knownAt(paste, at + alone + 1) && alone;
  const length = unknownWithDetail.exec(rest)?.[0].length;
  if (!length) return undefined;
  const detail = readDetail(paste, at + length, false);
  return !detail.isCut && aboutPods.test(detail.text) ? length : undefined;
}

/** Behind the comma; people also write one check a line, or a bullet before each. */
function nextOf(paste: Squeezed, end: number): number | undefined {
  if (/[,;]/.test(paste.text[end] ?? '')) return end + 1;
  const gap = paste.raw.slice(originAt(paste, end - 1) + 1, originAt(paste, end));
  return gap.includes('\n') && knownAt(paste, end) ? end : undefined;
}
