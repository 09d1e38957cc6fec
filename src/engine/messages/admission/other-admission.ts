// Names the policy engine that refused a pod because it might run as root. Pod Security has a reader of its own.

import { maxTextLength } from '../paste/squeeze.ts';
import { parsePodSecurityMessage } from '../pod-security/pod-security-message.ts';

export type RejectingPolicy = {
  readonly engine:
    'Kyverno' | 'Gatekeeper' | 'SCC' | 'PodSecurityPolicy' | 'ValidatingAdmissionPolicy' | 'webhook';
  /** The policy, constraint, provider or webhook by its name, where the text prints it. */
  readonly policy?: string;
};

/**
 * Another admission policy's refusal that is about running as non-root: names the policy engine and the policy; else
 * undefined. Findings of tools that only read manifests are not refusals.
 */
export function rejectingPolicy(text: string): RejectingPolicy | undefined {
  const said = unescaped(text.slice(0, maxTextLength));
  if (!isAboutRoot(said) || parsePodSecurityMessage(text)?.enforced) return undefined;
  for (const read of engines) {
    const found = read(said);
    if (found) return found;
  }
  return undefined;
}

const unescaped = (text: string): string =>
  text
    .replaceAll(/\\{1,7}n/g, '\n')
    .replaceAll(/\\{1,7}(?=["'])|&quot;/g, (found) => (found[0] === '&' ? '"' : ''));

const isAboutRoot = (text: string): boolean =>
  /runAsNonRoot|runAsUser|(?:run(?:ning|s)?|execut(?:e|ing))\s+(?:\S{1,40}\s+){0,4}?as\s+(?:the\s+)?(?:non-?\s?)?root|(?:non-?|\b)root\s+user|\broot\s+UID|\bUID\s+0\b/i.test(
    text,
  );

/** Each looks for its own words; the most specific first, any webhook last. */
const engines: readonly ((text: string) => RejectingPolicy | undefined)[] = [
  kyverno,
  gatekeeper,
  validatingPolicy,
  scc,
  podSecurityPolicy,
  webhook,
];

const kyvernosOwn =
  /validate\.kyverno\.svc|policies\.kyverno\.io|blocked due to the following polic|Validation rule '[^'\n]{1,253}' failed\.|Running as root is not allowed\. (?:Either the field spec|The fields? spec)/;

function kyverno(text: string): RejectingPolicy | undefined {
  const start = text.search(kyvernosOwn);
  if (start < 0 || !isAboutRoot(text.slice(start))) return undefined;
  return { engine: 'Kyverno', ...named(policyOfKyverno(text.slice(start)) ?? policyInEvent.exec(text)?.[1]) };
}

const policyInEvent = /\bpolicy ([a-z0-9][a-z0-9.-]{0,252})\/[\w.-]{1,253} fail/;

/** A policy's name stands above its rules, or in front of the first of them where the lines were joined. */
function policyOfKyverno(text: string): string | undefined {
  let policy: string | undefined;
  for (const line of text.split('\n')) {
    const header = /^\s{0,4}([a-z0-9][a-z0-9.-]{0,252}):\s*$/.exec(line);
    if (header) policy = header[1];
    else if (policy && isAboutRoot(line)) return policy;
  }
  return firstAboutRoot(text, /\s([a-z0-9][a-z0-9.-]{0,252}):\s[\w.-]{1,253}:\s['"]{0,2}validation/gi);
}

/** Of the parts of a text, each beginning with a name, the name of the first that is about root. */
function firstAboutRoot(text: string, beginning: RegExp): string | undefined {
  const parts = Array.from(text.matchAll(beginning));
  return parts.find(({ index }, part) => isAboutRoot(text.slice(index, parts[part + 1]?.index)))?.[1];
}

const gatekeepersOwn =
  /validation\.gatekeeper\.sh|\[denied by [^\]\n]{1,253}\]|attempting to run (?:as disallowed user|without a required securityContext)/;

function gatekeeper(text: string): RejectingPolicy | undefined {
  if (!gatekeepersOwn.test(text)) return undefined;
  const constraint = firstAboutRoot(text, /\[(?:denied by )?([a-z0-9][a-z0-9.-]{0,252})\]\s/g);
  return { engine: 'Gatekeeper', ...named(constraint) };
}

function validatingPolicy(text: string): RejectingPolicy | undefined {
  const found = /ValidatingAdmissionPolicy\s+['"]([^'"\n]{1,253})['"]\s+with\s+binding\b/.exec(text);
  return found && isAboutRoot(text.slice(found.index + found[0].length))
    ? { engine: 'ValidatingAdmissionPolicy', ...named(found[1]) }
    : undefined;
}

function scc(text: string): RejectingPolicy | undefined {
  const start = text.search(/security\s+context\s+constraints?\b/i);
  if (start < 0 || !isAboutRoot(text.slice(start))) return undefined;
  const provider =
    /provider "?([a-z0-9][a-z0-9.-]{0,252})"?:\s+[.\w[\]]{0,100}\brunAs(?:User|NonRoot):/i.exec(text);
  return { engine: 'SCC', ...named(provider?.[1]) };
}

function podSecurityPolicy(text: string): RejectingPolicy | undefined {
  const start = text.search(
    /PodSecurityPolicy: unable to (?:admit|validate)|against any pod security policy/,
  );
  return start >= 0 && isAboutRoot(text.slice(start)) ? { engine: 'PodSecurityPolicy' } : undefined;
}

function webhook(text: string): RejectingPolicy | undefined {
  const found = /admission\s+webhook\s+"([^"\n]{1,253})"\s+denied\s+the\s+request/.exec(text);
  return found && isAboutRoot(text.slice(found.index + found[0].length))
    ? { engine: 'webhook', ...named(found[1]) }
    : undefined;
}

/** What could not be the name of an object is none. */
const named = (policy: string | undefined): { readonly policy?: string } =>
  policy && /^[\w.:/-]+$/.test(policy) ? { policy } : {};
