// Reads the names that a log or a tool prints around the kubelet's sentence, for those that the sentence itself lacks.

import { isLabel, isSubdomain, type PrintedNames } from './kubelet-suffix.ts';

/** How much of the line is read on each side, in characters. */
const reach = 600;

const containerForms = [
  /spec\.(?:containers|initContainers|ephemeralContainers)\{([a-z0-9-]{1,63})\}[^{}]*$/,
  /"StartContainer\\*" for \\*"([a-z0-9-]{1,63})\\*" with [^{}]*$/,
  /\bcontainer ([a-z0-9-]{1,63}):\s*(?:Error:\s*)?$/i,
];

/** The token that the kubelet prints of a pod, or the object that `kubectl get events` names. */
const podForms = [/([a-z0-9.-]{1,253})_([a-z0-9-]{1,63})\([0-9a-f-]{8,36}\)/, /\bpod\/([a-z0-9.-]{1,253})\s/];

/** `pod="namespace/name"` stands behind the error in the journal; an earlier one may be part of a user's name. */
const journalPod = /\bpod="([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})"/g;

/** Reads only the line that the sentence begins in; `at` is where it begins. */
export function namesAroundSentence(raw: string, at: number): PrintedNames {
  const before = raw.slice(Math.max(0, at - reach, raw.lastIndexOf('\n', at) + 1), at);
  const after = raw.slice(at, at + 4 * reach).split('\n', 1)[0] ?? '';
  const container = containerForms
    .map((form) => form.exec(before)?.[1])
    .find((name) => name && isLabel(name));
  return { ...(container && { container }), ...(podBefore(before) ?? podAfter(after)) };
}

function podBefore(before: string): PrintedNames | undefined {
  const found = podForms.map((form) => form.exec(before)).find((match) => match !== null);
  return found && named(found[1], found[2]);
}

function podAfter(after: string): PrintedNames | undefined {
  const found = [...after.matchAll(journalPod)].at(-1);
  return found ? named(found[2], found[1]) : undefined;
}

const named = (pod = '', namespace = ''): PrintedNames => ({
  ...(isSubdomain(pod) && { pod }),
  ...(isLabel(namespace) && { namespace }),
});
