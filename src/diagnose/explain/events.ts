// What Events about objects that nobody has given tell, each with the object that it is about.

import type { GivenEvent } from '../../model/given.ts';
import type { Told } from '../../model/told.ts';
import { explainText, type Heard } from '../explain.ts';
import { merged } from './merged.ts';

export function explainEvents(events: readonly GivenEvent[]): Heard {
  const heard = events.map((event) => ({ event, said: explainText(event.message) }));
  const findings = merged(
    heard.flatMap(({ event, said }) => said.findings.map((told) => withObject(told, event))),
  );
  const refusedBy =
    findings.length > 0 ? undefined : heard.find(({ said }) => said.refusedBy)?.said.refusedBy;
  return { findings, ...(refusedBy && { refusedBy }) };
}

/** The message itself counts more: of a refused pod it alone has the name. */
function withObject(told: Told, event: GivenEvent): Told {
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
