// What the container runtime says of a start that failed: in the status now, or of the last attempt.

import { parseRuntimeStatus, runtimeSentence } from '../../messages/runtime/runtime-message.ts';
import type { Container } from '../../model/pod.ts';
import type { ContainerFailure } from './witness.ts';

/** A user that the image lacks. */
export function missingUser(container: Container): ContainerFailure | undefined {
  const words = runtimeWords(container);
  const failure = words && parseRuntimeStatus(words.reason, words.message);
  return failure && { cause: 'UserNotInImage', message: runtimeSentence(failure), ...failure };
}

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
