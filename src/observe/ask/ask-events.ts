// Answers the question for one pod's Events.

import type { KubeClient } from '../../kube/api/client.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { ContainerEvent } from '../../engine/model/pod.ts';
import type { EventsAnswer, EventsQuestion } from '../../engine/model/question.ts';
import { failedEvents, projectEvent } from '../../engine/project/project-event.ts';

/** Events read for one pod, of which the newest decides. */
const maxEvents = 200;

/**
 * @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason
 */
export async function askEvents(
  question: EventsQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<EventsAnswer> {
  const { namespace, podUid } = question;
  const path = pathOf({ apiVersion: 'v1', plural: 'events', namespace });
  const fieldSelector = `${failedEvents},involvedObject.uid=${podUid}`;
  const events: ContainerEvent[] = [];
  try {
    for await (const object of client.list(path, { fieldSelector }, signal, { max: maxEvents })) {
      const event = projectEvent(object);
      if (event?.podUid === podUid) events.push(event);
    }
  } catch (error) {
    if (!(error instanceof KubeError) || error.temporary) throw error;
    return { question, events: [], because: error.code };
  }
  return { question, events };
}
