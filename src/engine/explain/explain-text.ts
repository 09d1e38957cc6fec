// Reads pasted text: one message, the output of kubectl, Events, the end of a log; and finds what failed in it.

import type { PastedNeighbour } from '../model/neighbour.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import { redacted } from '../redact/redacted.ts';
import { inContext } from './text/context.ts';
import { describedIn, type Described } from './text/description.ts';
import { distinctFailures } from './text/distinct-failures.ts';
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

/**
 * Everything in a text that one of our readers recognises. Half a sentence in the midst of other words is nothing, and
 * what the text does not say is not filled in. No part of the text is kept but names, paths and the words of kubelets
 * and API servers; secrets are taken out first.
 */
export function explainText(text: string): TextFindings {
  const safe = redacted(text).replaceAll(/\r\n?/g, '\n');
  const lines = plainLines(safe.split('\n'));
  const objects = describedIn(lines);
  const findings = distinctFailures(failuresIn(lines, objects));
  const rejectedBy = findings.length === 0 ? rejectingPolicy(safe) : undefined;
  const ended = endedIn(objects, findings);
  const neighbours = neighboursIn(lines, objects);
  return {
    findings,
    ...(rejectedBy && { rejectedBy }),
    ...(neighbours.length > 0 && { neighbours }),
    ...(ended.length > 0 && { ended }),
  };
}

/** What a message in several lines says, and what it says in one line: names may stand far from the words. */
function failuresIn(lines: readonly string[], objects: readonly Described[]): readonly ReportedFailure[] {
  const mentions = mentionsIn(lines, objects);
  const failures = mentions.flatMap((one) => inContext(one, lines, objects) ?? []);
  const whole = objects.length === 0 && mentions.length < 2 ? unwrappedText(lines) : undefined;
  if (whole === undefined) return failures;
  const joined = mentionsIn([whole], []);
  // Lines of a log are messages of their own; a runtime's error is one.
  const isOne = runtimesOwn.test(whole) && mentions.every(isOfLog);
  const again = joined
    .filter((one) => isOne || !isOfLog(one))
    .flatMap((one) => inContext(one, [whole], []) ?? []);
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
    .flatMap(({ name: pod, namespace, containers }) =>
      containers.flatMap(({ name, exitCode, isWell }) =>
        exitCode === undefined || isWell || explained.has(`${pod}/${name}`)
          ? []
          : [{ container: name, pod, ...(namespace !== undefined && { namespace }), exitCode }],
      ),
    )
    .slice(0, maxEnded);
}
