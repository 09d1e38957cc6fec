// What Events about objects that nobody has given tell, each with the object that it is about.

import type { EventManifest } from '../../model/manifests.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { explainText, type TextFindings } from '../explain-text.ts';
import { merged } from './merge-findings.ts';

export function explainEvents(events: readonly EventManifest[]): TextFindings {
  const heard = events.map((event) => ({ event, said: explainText(event.message) }));
  const findings = merged(
    heard.flatMap(({ event, said }) => said.findings.map((told) => withObject(told, event))),
  );
  const refusedBy =
    findings.length > 0 ? undefined : heard.find(({ said }) => said.refusedBy)?.said.refusedBy;
  return { findings, ...(refusedBy && { refusedBy }) };
}

/** The message itself counts more: of a refused pod it alone has the name. */
function withObject(told: ReportedFailure, event: EventManifest): ReportedFailure {
  const name = told.container.name ?? event.container;
  const isIts = name === event.container && event.type !== undefined;
  const pod = told.pod.name ?? event.pod;
  const namespace = told.pod.namespace ?? event.namespace;
  return {
    ...told,
    container: { ...(name !== undefined && { name }), ...(isIts && { type: event.type }) },
    pod: { ...(pod !== undefined && { name: pod }), ...(namespace !== undefined && { namespace }) },
  };
}
