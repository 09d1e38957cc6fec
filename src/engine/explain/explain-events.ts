// Events as objects: each is a text, about what its involvedObject says.

import type { EventManifest, Manifests } from '../model/manifests.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import { present } from '../platform/data/field.ts';
import { explainText, type TextFindings } from './explain-text.ts';
import { distinctFailures } from './text/distinct-failures.ts';

/** Of Events about objects that are not in the input. Where pods are, one that is not among them is gone. */
export function explainEvents(
  events: readonly EventManifest[],
  manifests: readonly Manifests[],
): TextFindings {
  const pods = manifests.flatMap(({ snapshot }) => snapshot.pods);
  const isGone = ({ pod, namespace }: EventManifest): boolean =>
    pod !== undefined && pods.some((one) => namespace === undefined || one.namespace === namespace);
  const alike = Map.groupBy(events, (event) => JSON.stringify(event));
  const found = [...alike.values()].flatMap(([event, ...others]) =>
    event && !isGone(event) ? [{ event, times: 1 + others.length, ...explainText(event.message) }] : [],
  );
  const findings = distinctFailures(
    found.flatMap(({ event, times, findings: own }) =>
      own.map((failure) => ({ ...withObject(failure, event), ...(times > 1 && { times }) })),
    ),
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
