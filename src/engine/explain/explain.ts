// From texts and objects to the failures in them, or to notes where there are none.

import { explainText } from './explain-text.ts';
import { explainEvents } from './text/events.ts';
import { distinctFailures } from './text/distinct-failures.ts';
import type { ParsedManifests } from '../model/manifests.ts';
import type { Time } from '../model/time.ts';
import type { Explanation } from './explanation.ts';
import { judged } from './judge-manifests.ts';
import { objectsIn } from './objects.ts';
import { manifestNotes, textNotes } from './nothing-found.ts';

export type ExplainMeans = {
  /** How objects are read, the operator's own way. */
  readonly readObjects: (objects: readonly unknown[], now: Time) => ParsedManifests;
  readonly now: Time;
};

export type Explained = Explanation & {
  /** Sentences about input without a known failure. */
  readonly notes: readonly string[];
};

const maxNotes = 10;

/** Objects of all texts are judged together, since one may be the owner of another. */
export async function explained(
  texts: readonly string[],
  { readObjects, now }: ExplainMeans,
): Promise<Explained> {
  const parsed = texts.map((text) => ({ text, objects: objectsIn(text) }));
  const objects = parsed.flatMap((one) => one.objects ?? []);
  const manifests = objects.length > 0 ? readObjects(objects, now) : { workloads: [], events: [] };
  const judgements = await Promise.all(manifests.workloads.map(judged));
  const workloads = judgements.filter((one) => one !== undefined);
  const found = [
    ...(manifests.events.length > 0 ? [explainEvents(manifests.events)] : []),
    ...parsed.flatMap(({ text, objects: known }) => (known ? [] : explainText(text))),
  ];
  const failures = distinctFailures(found.flatMap(({ findings }) => findings));
  const isNothingFound = workloads.length === 0 && failures.length === 0;
  const notes = [
    ...(isNothingFound ? manifests.workloads.flatMap(manifestNotes) : []),
    ...found.flatMap(textNotes),
  ].slice(0, maxNotes);
  return { workloads, failures, notes: isNothingFound && notes.length === 0 ? [nothingKnown] : notes };
}

const nothingKnown = 'No known failure found in the input.';
