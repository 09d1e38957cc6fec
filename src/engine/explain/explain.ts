// From texts and objects to the failures in them, or to notes where there are none.

import type { EventManifest } from '../model/manifests.ts';
import type { PastedNeighbour } from '../model/neighbour.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import type { Time } from '../model/time.ts';
import { present } from '../platform/data/field.ts';
import { givenObjects } from '../project/manifests/manifests.ts';
import { explainText, type TextFindings } from './explain-text.ts';
import { judged, type ExplainedWorkload } from './judge-manifests.ts';
import { manifestNeighbours, manifestNotes, textNotes } from './nothing-found.ts';
import { objectsIn } from './objects.ts';
import { distinctFailures } from './text/distinct-failures.ts';
import { distinctNeighbours } from './text/neighbours.ts';

export type Explanation = {
  readonly workloads: readonly ExplainedWorkload[];
  /** From Events and texts, without an object to judge. */
  readonly failures: readonly ReportedFailure[];
  /** Failures that are not ours. */
  readonly neighbours: readonly PastedNeighbour[];
  /** Sentences about input without a known failure. */
  readonly notes: readonly string[];
};

const maxNotes = 10;

/** Of a text without objects, in characters: a log ends with the failure. */
const maxTextLength = 1024 * 1024;

/** Objects of all texts are judged together, since one may be the owner of another. */
export async function explained(texts: readonly string[], now: Time): Promise<Explanation> {
  const parsed = texts.map((text) => ({ text, objects: objectsIn(text) }));
  const manifests = givenObjects(
    parsed.flatMap(({ objects = [] }) => objects),
    now,
  );
  const judgements = await Promise.all(manifests.workloads.map(judged));
  const workloads = judgements.filter((one) => one !== undefined);
  const found = [
    explainEvents(manifests.events),
    ...parsed.flatMap(({ text, objects }) => (objects ? [] : explainText(text.slice(-maxTextLength)))),
  ];
  const failures = distinctFailures(found.flatMap(({ findings }) => findings));
  const neighbours = distinctNeighbours([
    ...manifests.workloads.flatMap(manifestNeighbours),
    ...found.flatMap((one) => one.neighbours ?? []),
  ]);
  const isNothingFound = workloads.length === 0 && failures.length === 0 && neighbours.length === 0;
  const cut = parsed.filter(({ text, objects }) => !objects && text.length > maxTextLength);
  const notes = [
    ...(isNothingFound ? manifests.workloads.flatMap(manifestNotes) : []),
    ...found.flatMap(textNotes),
  ].slice(0, maxNotes);
  const known = isNothingFound && notes.length === 0 ? [nothingKnown] : notes;
  return { workloads, failures, neighbours, notes: [...cut.map(() => onlyTheEnd), ...known] };
}

const nothingKnown = 'No known failure found in the input.';
const onlyTheEnd = 'Only the last MiB of this text was read.';

/** Of Events about objects that are not in the input. */
function explainEvents(events: readonly EventManifest[]): TextFindings {
  const found = events.map((event) => ({ event, ...explainText(event.message) }));
  const findings = distinctFailures(
    found.flatMap(({ event, findings: own }) => own.map((failure) => withObject(failure, event))),
  );
  const rejected = findings.length > 0 ? undefined : found.find(({ rejectedBy }) => rejectedBy);
  const neighbours = found.flatMap(({ event, neighbours: own = [] }) =>
    own.map((one) => ({ ...one, ...namesOf(event) })),
  );
  return { findings, neighbours, ...(rejected?.rejectedBy && { rejectedBy: rejected.rejectedBy }) };
}

const namesOf = ({ container, pod, namespace }: EventManifest) => present({ container, pod, namespace });

/** The message itself counts more: of a refused pod it alone has the name. */
function withObject(failure: ReportedFailure, event: EventManifest): ReportedFailure {
  const name = failure.container.name ?? event.container;
  const isIts = name === event.container;
  return {
    ...failure,
    container: present({ name, type: isIts ? event.type : undefined }),
    pod: present({
      name: failure.pod.name ?? event.pod,
      namespace: failure.pod.namespace ?? event.namespace,
    }),
  };
}
