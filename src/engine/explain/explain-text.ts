// Reads pasted text: one message, the output of kubectl, Events, the end of a log; and finds what failed in it.

import type { PastedNeighbour } from '../model/reported-failure.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import { redacted } from '../redact/redacted.ts';
import { commandsIn } from './text/commands.ts';
import { inContext, type HintsFor, type Reading } from './text/context.ts';
import { isManifest } from './objects.ts';
import { placeOfPiece } from './place/place.ts';
import { foldedLines, type FoldedLines } from './text/folded-lines.ts';
import { listAt, textAt } from '../platform/data/field.ts';
import { embeddedIn } from './text/embedded.ts';
import { describedIn, type Described } from './text/description.ts';
import { distinctFailures } from './text/distinct-failures.ts';
import { proseIn } from './text/prose.ts';
import { plainLines } from './text/plain-lines.ts';
import type { Mention } from './text/mention.ts';
import { mentionsIn } from './text/mentions.ts';
import { neighboursIn } from './text/neighbours.ts';
import { unwrappedText } from './text/hard-wrap.ts';
import { rejectingPolicy, type RejectingPolicy } from '../messages/admission/other-admission.ts';

/** What was found in a text. */
export type TextFindings = {
  /** In the order of the objects that it describes; of each, what the kubelet says first, then the others. */
  readonly findings: readonly ReportedFailure[];
  /** Where no failure is found, but another policy refused a pod because it might run as root. */
  readonly rejectedBy?: RejectingPolicy;
  /** Failures that are not ours; absent where there are none. */
  readonly neighbours?: readonly PastedNeighbour[];
  /** Containers that ended in failure, of which the text does not say why. */
  readonly ended?: readonly EndedContainer[];
};

export type EndedContainer = {
  readonly container: string;
  readonly pod?: string;
  readonly namespace?: string;
  readonly exitCode: number;
};

/** A text, and the manifests that were taken out of it. */
export type Paste = FoldedLines & {
  readonly objects: readonly unknown[];
  /** True where the text was too long, and only its end was read. */
  readonly isCut: boolean;
};

/** Without secrets, and without what stands in front of every line. Equal lines are folded before it is cut. */
export function pasteOf(text: string, maxLength = Infinity): Paste {
  const folded = foldedLines(text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text);
  const from = firstWithin(folded.lines, maxLength);
  const kept = folded.lines.slice(from).join('\n');
  const safe = redacted(kept.slice(-maxLength));
  const lines = plainLines(safe.split('\n'));
  const times = folded.times.slice(from);
  return {
    ...embeddedIn(lines, isPart),
    times: lines.length === times.length ? times : [],
    isCut: from > 0 || kept.length > maxLength,
  };
}

const isPart = (object: unknown): boolean =>
  isManifest(object) ? isWhole(object) : placeOfPiece(object) !== undefined;

/** The status of a pod whose spec is not there is read as a text: with nothing but that, no pod can be judged. */
const isWhole = (object: unknown): boolean =>
  textAt(object, 'kind') !== 'Pod' || listAt(object, 'spec', 'containers').length > 0;

/** The first of the last lines that have no more characters than this together; of a longer one, its end is read. */
function firstWithin(lines: readonly string[], maxLength: number): number {
  let left = maxLength;
  const over = lines.findLastIndex((line) => (left -= line.length + 1) < -1);
  return Math.min(over + 1, lines.length - 1);
}

/**
 * Everything in a text that one of our readers recognises. Half a sentence in the midst of other words is nothing, and
 * what the text does not say is not filled in. No part of the text is kept but names, paths and the words of kubelets
 * and API servers.
 */
export function explainPaste({ lines, times }: FoldedLines, hintsFor: HintsFor = () => ({})): TextFindings {
  const objects = describedIn(lines);
  const prose = proseIn(lines, objects);
  const reading = { lines, times, objects, commands: commandsIn(lines), prose, hintsFor };
  const findings = distinctFailures(failuresIn(reading));
  const rejectedBy = findings.length === 0 ? rejectingPolicy(lines.join('\n')) : undefined;
  const ended = endedIn(objects, findings);
  const neighbours = neighboursIn(lines, objects);
  return {
    findings,
    ...(rejectedBy && { rejectedBy }),
    ...(neighbours.length > 0 && { neighbours }),
    ...(ended.length > 0 && { ended }),
  };
}

export const explainText = (text: string): TextFindings => explainPaste(pasteOf(text));

/** What a message in several lines says, and what it says in one line: names may stand far from the words. */
function failuresIn(reading: Reading): readonly ReportedFailure[] {
  const { lines, objects, commands } = reading;
  const mentions = mentionsIn(reading);
  const failures = mentions.flatMap((one) => inContext(one, reading) ?? []);
  const isAlone = objects.length === 0 && commands.length === 0 && mentions.length < 2;
  const whole = isAlone ? unwrappedText(lines) : undefined;
  if (whole === undefined) return failures;
  const joined = { ...reading, lines: [whole] };
  // Lines of a log are messages of their own; a runtime's error is one.
  const isOne = runtimesOwn.test(whole) && mentions.every(isOfLog);
  const again = mentionsIn(joined)
    .filter((one) => isOne || !isOfLog(one))
    .flatMap((one) => inContext(one, joined) ?? []);
  return isOne ? again : [...failures, ...again];
}

const runtimesOwn =
  /OCI runtime (?:create|exec) failed|runc create failed|container create failed|failed to (?:create|start) (?:containerd task|shim task|container)/;

const isOfLog = ({ failure }: Mention): boolean => failure.cause === 'NonRootPermissionDenied';

/** Ended containers that are listed, one by one. */
const maxEnded = 20;

function endedIn(
  objects: readonly Described[],
  findings: readonly ReportedFailure[],
): readonly EndedContainer[] {
  const explained = new Set(findings.map(({ pod, container }) => `${pod.name}/${container.name}`));
  return objects
    .filter(({ isPod }) => isPod)
    .flatMap(({ name: pod = '', namespace, containers }) =>
      containers.flatMap(({ name, exitCode, isWell }) =>
        exitCode === undefined || isWell || explained.has(`${pod}/${name}`)
          ? []
          : [
              {
                container: name,
                ...(pod !== '' && { pod }),
                ...(namespace !== undefined && { namespace }),
                exitCode,
              },
            ],
      ),
    )
    .slice(0, maxEnded);
}
