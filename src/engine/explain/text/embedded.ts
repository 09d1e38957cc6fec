// Finds manifests in the midst of other text, and takes them out of it.

import { parseAllDocuments } from 'yaml';

import { isObject, jsonIn } from '../../platform/data/field.ts';

export type Embedded = {
  readonly objects: readonly unknown[];
  /** The text without them, line for line. */
  readonly lines: readonly string[];
};

/** Of one text. */
const maxObjects = 200;
/** Parts of an object that is not wanted are tried again: so much in all, in characters. */
const maxParsedLength = 2 * 1024 * 1024;
/** Of one object, in lines. */
const maxLines = 20_000;

/** @param isWanted whether an object is one that is taken out */
export function embeddedIn(lines: readonly string[], isWanted: (object: unknown) => boolean): Embedded {
  const objects: unknown[] = [];
  const rest = [...lines];
  let left = maxParsedLength;
  for (let at = 0; at < lines.length && objects.length < maxObjects && left > 0; at += 1) {
    const block = blockAt(lines, at);
    if (!block) continue;
    for (const line of lines.slice(at, block.end)) left -= line.length;
    const found = objectsOf(lines.slice(at, block.end), block.depth);
    const wanted = found.objects.filter(isWanted);
    if (wanted.length === 0) continue;
    objects.push(...wanted);
    const end = Math.min(block.end, at + found.length);
    rest.fill('', at, end);
    at = end - 1;
  }
  return { objects, lines: rest };
}

type Block = { readonly end: number; readonly depth: number };

/** What an object, a pod or one of its parts may begin with. */
const beginning =
  /^([ \t]*)(?:apiVersion|kind|spec|template|containers|initContainers|podSpec|status):(?=\s|$)/;

/** Fields that may stand beside them; another word with a colon belongs to the text. */
const fields = new Set(
  (
    'apiVersion kind metadata spec status items data stringData type rules subjects roleRef webhooks ' +
    'involvedObject regarding related message note reason source count firstTimestamp lastTimestamp eventTime ' +
    'reportingComponent reportingInstance reportingController series action deprecatedCount deprecatedSource ' +
    'deprecatedFirstTimestamp deprecatedLastTimestamp ' +
    'template selector replicas strategy serviceName volumeClaimTemplates jobTemplate schedule ' +
    'containers initContainers volumes securityContext restartPolicy serviceAccountName nodeSelector tolerations ' +
    'imagePullSecrets affinity hostNetwork hostPID hostIPC podSpec containerStatuses phase conditions'
  ).split(' '),
);

function blockAt(lines: readonly string[], at: number): Block | undefined {
  const line = lines[at] ?? '';
  if (/^[ \t]*\{\s*$/.test(line)) return jsonBlock(lines, at);
  const [, indent] = beginning.exec(line) ?? [];
  if (indent === undefined) return undefined;
  const seen = new Set([keyOf(line.slice(indent.length))]);
  let end = at + 1;
  for (; end < lines.length && end - at < maxLines; end += 1) {
    const next = lines[end] ?? '';
    if (next.trim() === '' || /^\s*#/.test(next)) continue;
    if (!next.startsWith(indent)) break;
    const own = next.slice(indent.length);
    if (own.startsWith(' ') || own.startsWith('- ')) continue;
    const key = keyOf(own);
    // The same field again begins the next object.
    if (!fields.has(key) || seen.has(key)) break;
    seen.add(key);
  }
  return { end, depth: indent.length };
}

const keyOf = (line: string): string => /^([A-Za-z]+):(?:\s|$)/.exec(line)?.[1] ?? '';

/** Up to the brace that stands as deep as the first. */
function jsonBlock(lines: readonly string[], at: number): Block | undefined {
  const indent = /^[ \t]*/.exec(lines[at] ?? '')?.[0] ?? '';
  const end = lines.findIndex((line, index) => index > at && line.trimEnd() === `${indent}}`);
  return end < 0 ? undefined : { end: end + 1, depth: indent.length };
}

/** Where the end is damaged, what stands before that; `length` is how many lines were read. */
function objectsOf(lines: readonly string[], depth: number) {
  const own = lines.map((line) => line.slice(depth));
  if (own[0]?.trim() === '{') {
    const object = jsonIn(own.join('\n'));
    return { objects: isObject(object) ? [object] : [], length: own.length };
  }
  for (let length = own.length, tries = 0; length > 0 && tries < maxTries; tries += 1) {
    const { object, errorLine } = parsed(own.slice(0, length).join('\n'));
    if (errorLine === undefined) return { objects: isObject(object) ? [object] : [], length };
    length = Math.min(length - 1, errorLine - 1);
  }
  return { objects: [], length: own.length };
}

const maxTries = 3;

function parsed(text: string): { readonly object?: unknown; readonly errorLine?: number } {
  try {
    const [document] = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
    if (!document || !('errors' in document)) return {};
    const [error] = document.errors;
    if (error) return { errorLine: error.linePos?.[0].line ?? 1 };
    return { object: document.toJS() as unknown };
  } catch {
    // too deep, or too many aliases
    return {};
  }
}
