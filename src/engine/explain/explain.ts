// From texts and objects to the failures in them, or to notes where there are none.

import { stringify } from 'yaml';

import type { Manifests } from '../model/manifests.ts';
import type { PastedNeighbour } from '../model/reported-failure.ts';
import type { Remark } from '../model/reported-failure.ts';
import type { Time } from '../model/time.ts';
import { jsonIn } from '../platform/data/field.ts';
import { givenObjects } from '../project/manifests/manifests.ts';
import { explainEvents } from './explain-events.ts';
import { explainPaste, pasteOf, type TextFindings } from './explain-text.ts';
import { failureGroups, type FailureGroup } from './failure/failure-group.ts';
import { judged, type ExplainedWorkload } from './judge-manifests.ts';
import { manifestNeighbours, manifestNotes, textNotes } from './nothing-found.ts';
import { isManifest, objectsIn } from './objects.ts';
import { hintsFrom } from './place/hints.ts';
import { placeOf, placeOfPiece, type Place } from './place/place.ts';
import { placedFailure, type PlacedFailure } from './place/placed-failure.ts';
import { predictedFailures } from './place/predicted.ts';
import { remarksOn } from './place/remarks.ts';
import { distinctFailures } from './text/distinct-failures.ts';
import { distinctNeighbours } from './text/neighbours.ts';

export type Explanation = {
  readonly workloads: readonly ExplainedWorkload[];
  /** From Events and texts, without the status of a pod to judge; those of one workload together. */
  readonly groups: readonly FailureGroup[];
  /** Failures that are not ours. */
  readonly neighbours: readonly PastedNeighbour[];
  /** Settings that have no effect, or that contradict what failed. */
  readonly remarks: readonly Remark[];
  /** Sentences about input without a known failure. */
  readonly notes: readonly string[];
};

const maxNotes = 10;

/** Of a text without objects, in characters: a log ends with the failure. */
const maxTextLength = 1024 * 1024;

/** Everything is read together: one object may be the owner of another, and what a text is about stands in a manifest beside it. */
export async function explained(texts: readonly string[], now: Time): Promise<Explanation> {
  const inputs = texts.map(inputOf);
  const given = inputs.flatMap(({ objects }) => objects);
  const { workloads: manifests, events, sandboxEvents } = givenObjects(given.filter(isManifest), now);
  const judgements = await Promise.all(manifests.map(judged));
  const workloads = judgements.filter((one) => one !== undefined);
  const pieces = given.filter((object) => !isManifest(object)).map(placeOfPiece);
  const places = [...manifests.map(placeOf), ...pieces].filter((place) => place !== undefined);
  const found = [
    explainEvents(events, manifests),
    ...inputs.flatMap(({ paste }) => (paste ? [explainPaste(paste, hintsFrom(places))] : [])),
  ];
  const failures = failuresOf(found, places, workloads);
  const placed = [...failures, ...predictedFailures(places, failures, workloads)];
  const neighbours = distinctNeighbours([
    ...manifests.flatMap(manifestNeighbours),
    ...[explainEvents(sandboxEvents, []), ...found].flatMap((one) => one.neighbours ?? []),
  ]);
  const lines = inputs.flatMap(({ paste }) => paste?.lines ?? []);
  const remarks = remarksOn({ objects: given, lines, failures: placed });
  const isNothingFound = [workloads, placed, neighbours, remarks].every(({ length }) => length === 0);
  return {
    workloads,
    groups: failureGroups(placed, lines),
    neighbours,
    remarks,
    notes: notesOn(found, manifests, isNothingFound, inputs),
  };
}

type Input = ReturnType<typeof inputOf>;

/** Either objects alone, or a text and the objects in it. */
function inputOf(text: string) {
  const { objects, isTooLong = false } = objectsIn(text);
  if (objects) return { objects, isCut: false, isTooLong };
  const paste = pasteOf(asLines(text), maxTextLength);
  return { objects: paste.objects, paste, isCut: paste.isCut, isTooLong };
}

/** A piece of a pod's status as JSON is read as the same in YAML, line by line. */
function asLines(text: string): string {
  const isPiece = /^\s*[{[]/.test(text) && /"(?:initC|c|ephemeralC)ontainerStatuses"/.test(text);
  const piece = isPiece ? jsonIn(text.slice(0, maxTextLength)) : undefined;
  return piece === undefined ? text : stringify(piece, { lineWidth: 0 });
}

/** What the objects show themselves is not said again. */
function failuresOf(
  found: readonly TextFindings[],
  places: readonly Place[],
  workloads: readonly ExplainedWorkload[],
): readonly PlacedFailure[] {
  const all = distinctFailures(found.flatMap(({ findings }) => findings));
  const placed = all.map((failure) => placedFailure(failure, places));
  const distinct = distinctFailures(placed.map(({ failure }) => failure));
  return placed.filter(
    (one) => distinct.includes(one.failure) && !workloads.some((workload) => isShownBy(workload, one)),
  );
}

const isShownBy = (
  { status, findings }: ExplainedWorkload,
  { failure: { cause, container, pod }, placed }: PlacedFailure,
): boolean => {
  const { ref } = placed?.place.workload ?? {};
  const isSame = ref !== undefined && status.workload === `${ref.kind}/${ref.name}`;
  return (
    (isSame || findings.some((finding) => finding.pod.name !== undefined && finding.pod.name === pod.name)) &&
    findings.some((finding) => finding.cause === cause && finding.container.name === container.name)
  );
};

const nothingKnown = 'No known failure found in the input.';
const onlyTheEnd = 'Only the last MiB of this text was read.';
const tooLong = 'The YAML is too long to be read as objects: give the output of kubectl with -o json.';

function notesOn(
  found: readonly TextFindings[],
  manifests: readonly Manifests[],
  isNothingFound: boolean,
  inputs: readonly Input[],
): readonly string[] {
  const notes = [
    ...(isNothingFound ? manifests.flatMap(manifestNotes) : []),
    ...found.flatMap(textNotes),
  ].slice(0, maxNotes);
  const known = isNothingFound && notes.length === 0 ? [nothingKnown] : notes;
  return [
    ...inputs.flatMap(({ isTooLong }) => (isTooLong ? [tooLong] : [])),
    ...inputs.flatMap(({ isCut }) => (isCut ? [onlyTheEnd] : [])),
    ...known,
  ];
}
