// Failures in a text that are not ours, with the names around them.

import { neighbourIn } from '../../messages/neighbour/neighbour-message.ts';
import { namesAroundSentence } from '../../messages/kubelet/names-around.ts';
import type { PastedNeighbour } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';
import type { Described } from './description.ts';
import { messageOfRow, namespaceOfRow } from './event-rows.ts';

/** Of one text. */
const maxNeighbours = 20;

/** Each once, in the order of the text. */
export function neighboursIn(
  lines: readonly string[],
  objects: readonly Described[],
): readonly PastedNeighbour[] {
  const found = new Map<string, PastedNeighbour>();
  for (const [at, line] of lines.entries()) {
    const neighbour = neighbourIn(messageOfRow(line) || line);
    if (!neighbour) continue;
    const one = { ...namesAt(lines, at, objects), neighbour };
    found.set(JSON.stringify(one), one);
    if (found.size === maxNeighbours) break;
  }
  return distinctNeighbours([...found.values()]);
}

function namesAt(lines: readonly string[], at: number, objects: readonly Described[]) {
  const line = lines[at] ?? '';
  const object = objects.find((one) => one.from <= at && at < one.end);
  // The journal names the pod behind the words, Events in front of them.
  const { container, pod, namespace } = {
    ...namesAroundSentence(line, 0),
    ...namesAroundSentence(line, line.length),
  };
  const described = object?.containers.find(({ from, to }) => from <= at && at <= to);
  return present({
    container: described?.name ?? container,
    pod: object?.isPod ? object.name : pod,
    namespace: object?.namespace ?? namespace ?? namespaceOfRow(line),
  });
}

/** A text may say the same in two sentences, of which one names more. */
export function distinctNeighbours(all: readonly PastedNeighbour[]): readonly PastedNeighbour[] {
  const isLess = (one: PastedNeighbour, other: PastedNeighbour): boolean =>
    one !== other &&
    one.neighbour.is === other.neighbour.is &&
    holdsAll(entriesOf(other), entriesOf(one)) &&
    !holdsAll(entriesOf(one), entriesOf(other));
  const distinct = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  return distinct.filter((one) => !distinct.some((other) => isLess(one, other)));
}

const entriesOf = ({ neighbour, ...names }: PastedNeighbour): readonly string[] =>
  Object.entries({ ...neighbour, ...names }).map((entry) => JSON.stringify(entry));

const holdsAll = (more: readonly string[], less: readonly string[]): boolean =>
  less.every((entry) => more.includes(entry));
