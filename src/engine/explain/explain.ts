// From what was given, texts or objects, to what is said of it; and to what is said where that is nothing.

import { explainText } from './explain-text.ts';
import { explainEvents } from './text/events.ts';
import { distinctFailures } from './text/distinct-failures.ts';
import type { ParsedManifests } from '../model/manifests.ts';
import type { Time } from '../model/time.ts';
import type { Explanation } from './explanation.ts';
import { judged } from './judge-manifests.ts';
import { objectsIn } from './objects.ts';
import { silenceOf, silenceOfText } from './nothing-found.ts';

export type ExplainMeans = {
  /** How objects are read, the operator's own way. */
  readonly readObjects: (objects: readonly unknown[], now: Time) => ParsedManifests;
  readonly now: Time;
};

export type Explained = Explanation & {
  /** Sentences about what nothing is found in. */
  readonly notes: readonly string[];
};

const maxNotes = 10;

/** Objects of all texts are looked at together, since one may be the owner of another. */
export async function explained(
  texts: readonly string[],
  { readObjects, now }: ExplainMeans,
): Promise<Explained> {
  const read = texts.map((text) => ({ text, objects: objectsIn(text) }));
  const objects = read.flatMap((one) => one.objects ?? []);
  const given = objects.length > 0 ? readObjects(objects, now) : { workloads: [], events: [] };
  const judgements = await Promise.all(given.workloads.map(judged));
  const workloads = judgements.filter((one) => one !== undefined);
  const heard = [
    ...(given.events.length > 0 ? [explainEvents(given.events)] : []),
    ...read.flatMap(({ text, objects: known }) => (known ? [] : explainText(text))),
  ];
  const told = distinctFailures(heard.flatMap(({ findings }) => findings));
  const isSilent = workloads.length === 0 && told.length === 0;
  const notes = [
    ...(isSilent ? given.workloads.flatMap(silenceOf) : []),
    ...heard.flatMap(silenceOfText),
  ].slice(0, maxNotes);
  return { workloads, told, notes: isSilent && notes.length === 0 ? [nothingKnown] : notes };
}

const nothingKnown = 'Nothing in this is a failure that rootcause knows.';
