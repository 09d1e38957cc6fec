// Reads what the status of one container says about the kubelet's check, and when it says nothing.

import type { Container, Pod } from '../../model/pod.ts';
import { parseKubeletStatus, type KubeletFailure } from '../../messages/kubelet/kubelet-message.ts';

/** A refusal, or none, or `undetermined` where the status leaves both possible. */
export type KubeletStatus = KubeletFailure | 'undetermined' | undefined;

/** What an application wrote when it ended is never consulted. */
export function readStatus({ state, type }: Container, pod: Pick<Pod, 'finished'>): KubeletStatus {
  if (!state) return undefined;
  switch (state.is) {
    case 'running':
      return undefined;
    case 'terminated':
      return pod.finished || isOver(type, state.exitCode) ? undefined : 'undetermined';
    case 'waiting':
      return readWaiting(state.reason, state.message);
    default:
      return state satisfies never;
  }
}

/** An ephemeral container is never restarted, an init container only when it failed. Both began, so both passed. */
function isOver(type: Container['type'], exitCode: number): boolean {
  return type === 'EphemeralContainer' || (type === 'InitContainer' && exitCode === 0);
}

/** Kubelets up to 1.7 wrote the sentence into the reason itself. Any other reason is another matter. */
function readWaiting(reason: string, message: string): KubeletStatus {
  if (reason === 'CrashLoopBackOff') return 'undetermined';
  if (reason !== 'CreateContainerConfigError') {
    return reason === '' && message === '' ? 'undetermined' : parseKubeletStatus(reason);
  }
  return message === '' ? 'undetermined' : parseKubeletStatus(message);
}

/** Where the kubelet has tried before and will try again. */
export function isBetweenAttempts({ state }: Container): boolean {
  return state?.is === 'terminated' || (state?.is === 'waiting' && state.reason === 'CrashLoopBackOff');
}
