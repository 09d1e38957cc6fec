// What a real API server made of every template and patch, so that agreement is held where there is no cluster, too.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PodManifest } from '../../src/engine/model/pod-manifest.ts';
import type { PodPatch } from '../../src/engine/platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../src/engine/platform/kubernetes/strategic-merge.ts';

/** The template as it was before, and each patch with what the template was then, or with why it was refused. */
export type Answers = {
  readonly before: PodManifest;
  readonly patches: readonly Answer[];
};

export type Answer = { readonly patch: PodPatch; readonly after?: PodManifest; readonly refused?: string };

/** A line for each template. */
const path = join(import.meta.dirname, 'strategic-merge-recorded.jsonl');

export function readRecorded(): readonly Answers[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Answers);
}

export function writeRecorded(all: readonly Answers[]): void {
  writeFileSync(path, all.map((answers) => `${JSON.stringify(answers)}\n`).join(''));
}

/** One line that says what is wrong; undefined when we say what the server says, or when it says nothing. */
export function disagreement(before: PodManifest, { patch, after }: Answer): string | undefined {
  const ours = patchedManifest(before, patch);
  if (after === undefined || isDeepStrictEqual(ours, after)) return undefined;
  const [said, made] = [after, ours].map((one) => JSON.stringify(one));
  return `${JSON.stringify(patch)} makes ${JSON.stringify(before)} ${said}, but we say ${made}`;
}
