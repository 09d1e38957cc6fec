// Reads what the kubelet puts behind its sentence: (pod: "NAME_NAMESPACE(UID)", container: NAME).

import type { Squeezed } from '../paste/squeeze.ts';

export type PrintedNames = {
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
};

/** Longest pod token: a name, a namespace, a uid. */
const maxTokenLength = 400;
/** How far behind a damaged sentence the suffix may stand. */
const maxGap = 120;

/**
 * Takes what is there to the end and leaves the rest unset: a name that is cut is no name.
 *
 * @param from where the sentence ends, in `paste.text`
 * @param isWhole whether the suffix must follow at once
 * @returns the names, and how many backslashes stand before the pod's quote
 */
export function readSuffix(
  paste: Squeezed,
  from: number,
  isWhole: boolean,
): PrintedNames & { readonly backslashes?: number } {
  const start = isWhole ? from : from + gap(paste.text.slice(from, from + maxGap));
  const text = paste.text.slice(start, start + maxTokenLength + 20);
  const pod = /^[,.]?\(?pod:("?)([^",]*)"?/.exec(text);
  const container = /^[,;]?\(?container:"?/.exec(text.slice(pod?.[0].length ?? 0));
  const name = container && readContainer(paste, start + (pod?.[0].length ?? 0) + container[0].length);
  return {
    ...(name && { container: name }),
    ...(pod && readPod(pod[2] ?? '')),
    ...(pod?.[1] && { backslashes: backslashesBefore(paste, start + text.indexOf('"')) }),
  };
}

const gap = (text: string): number => Math.max(0, text.search(/\(pod:/));

/** Neither a pod's name nor a namespace can contain `_`, and each is whole only if its end is there. */
function readPod(token: string): PrintedNames {
  const found = /^([^_(]*)_(?:([^_(]*)\()?/.exec(token);
  const [, pod = '', namespace = ''] = found ?? [];
  return { ...(isSubdomain(pod) && { pod }), ...(isLabel(namespace) && { namespace }) };
}

/** Up to the closing parenthesis, over line breaks; where that is missing, up to the next blank. */
function readContainer({ raw, text, origin }: Squeezed, at: number): string | undefined {
  const closed = /^[a-z0-9-]+(?=[)"'])/.exec(text.slice(at, at + 64));
  const start = origin[at] ?? raw.length;
  const open = /^[a-z0-9-]*/.exec(raw.slice(start, start + 64));
  const name = closed?.[0] ?? open?.[0] ?? '';
  const isCut = !closed && /^(?:\.\.|…|[A-Z_])/.test(raw.slice(start + name.length));
  return isLabel(name) && !isCut ? name : undefined;
}

function backslashesBefore({ raw, origin }: Squeezed, at: number): number {
  const quote = origin[at] ?? 0;
  return /\\*$/.exec(raw.slice(Math.max(0, quote - 7), quote))?.[0].length ?? 0;
}

/** A container's or namespace's name. */
export function isLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name);
}

/** A pod's name; that of a static pod carries its node's, dots and all. */
export function isSubdomain(name: string): boolean {
  return name.length <= 253 && name.split('.').every(isLabel);
}
