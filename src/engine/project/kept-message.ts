// The last words of a container whose log is gone, from the status of its pod.

import { listAt, objectAt, textAt } from '../platform/data/field.ts';

const maxLength = 16_384;

/** The end of the log, which the status keeps where the pod asks for that; secrets and all. */
export function keptMessage(pod: unknown, container: string): string | undefined {
  if (textAt(specOf(pod, container), 'terminationMessagePolicy') !== 'FallbackToLogsOnError')
    return undefined;
  return terminatedMessage(pod, container);
}

/** What a container left behind when it ended, written by anyone: the end of its log, or a message of its own. */
export function terminatedMessage(pod: unknown, container: string): string | undefined {
  const status = statusOf(pod, container);
  const message =
    textAt(status, 'state', 'terminated', 'message') ?? textAt(status, 'lastState', 'terminated', 'message');
  return message?.slice(0, maxLength) || undefined;
}

/** And has not been started again. */
export const hasEnded = (pod: unknown, container: string): boolean =>
  'terminated' in objectAt(statusOf(pod, container), 'state');

const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

const specOf = (pod: unknown, name: string): unknown =>
  lists.flatMap((list) => listAt(pod, 'spec', list)).find((one) => textAt(one, 'name') === name);

const statusOf = (pod: unknown, name: string): unknown =>
  lists
    .flatMap((list) => listAt(pod, 'status', list.replace(/s$/, 'Statuses')))
    .find((one) => textAt(one, 'name') === name);
