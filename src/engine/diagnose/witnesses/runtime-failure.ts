// Reads what the container runtime says of a start that failed: in the status now, or of the last attempt.

import type { Container } from '../../model/pod.ts';
import type { ContainerFailure } from './container-failure.ts';
import { parseRuntimeStatus } from '../../messages/runtime/runtime-message.ts';
import type { RuntimeFailure } from '../../messages/runtime/runtime-message.ts';

/** What the runtime said last of a container that has not begun to run since. */
export function runtimeWords({
  state,
  lastTerminated,
}: Container): { reason: string; message: string } | undefined {
  if (state?.is === 'running') return undefined;
  if (state?.is === 'waiting' && state.reason !== 'CrashLoopBackOff') return state;
  const { reason = '', message } = lastTerminated ?? {};
  return message === undefined ? undefined : { reason, message };
}

export function runtimeFailure(container: Container): ContainerFailure | undefined {
  const words = runtimeWords(container);
  const failure = words && parseRuntimeStatus(words.reason, words.message);
  if (!failure) return undefined;
  const { family, user } = failure;
  return {
    cause: 'UserNotInImage',
    sentence: runtimeSentence(failure),
    family,
    ...(user !== undefined && { user }),
  };
}

export const runtimeSentence = ({ family, user }: Pick<RuntimeFailure, 'family' | 'user'>): string =>
  sentences[family](user);

/** In one form whatever the runtime, and without the paths that change with every attempt. */
const sentences: Readonly<Record<RuntimeFailure['family'], (user: string | undefined) => string>> = {
  user: (user) =>
    `unable to find user${user === undefined ? '' : ` ${user}`}: no matching entries in passwd file`,
  group: (group) =>
    `unable to find group${group === undefined ? '' : ` ${group}`}: no matching entries in group file`,
  'passwd-file': () => 'unable to find user: the image has no /etc/passwd',
  'userns-unmapped': () => "the id is not mapped in the pod's user namespace",
};
