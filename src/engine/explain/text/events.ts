// What Events about objects that nobody has given tell, each with the object that it is about.

import type { EventManifest } from '../../model/manifests.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { explainText, type TextFindings } from '../explain-text.ts';
import { distinctFailures } from './distinct-failures.ts';

export function explainEvents(events: readonly EventManifest[]): TextFindings {
  const heard = events.map((event) => ({ event, said: explainText(event.message) }));
  const findings = distinctFailures(
    heard.flatMap(({ event, said }) => said.findings.map((failure) => withObject(failure, event))),
  );
  const rejectedBy =
    findings.length > 0 ? undefined : heard.find(({ said }) => said.rejectedBy)?.said.rejectedBy;
  return { findings, ...(rejectedBy && { rejectedBy: rejectedBy }) };
}

/** The message itself counts more: of a refused pod it alone has the name. */
function withObject(failure: ReportedFailure, event: EventManifest): ReportedFailure {
  const name = failure.container.name ?? event.container;
  const isIts = name === event.container && event.type !== undefined;
  const pod = failure.pod.name ?? event.pod;
  const namespace = failure.pod.namespace ?? event.namespace;
  return {
    ...failure,
    container: { ...(name !== undefined && { name }), ...(isIts && { type: event.type }) },
    pod: { ...(pod !== undefined && { name: pod }), ...(namespace !== undefined && { namespace }) },
  };
}
