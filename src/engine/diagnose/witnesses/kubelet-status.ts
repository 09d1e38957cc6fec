// What the kubelet says in the status of one container about its check of runAsNonRoot.

import { parseKubeletStatus, type KubeletFailure } from '../../messages/kubelet/kubelet-message.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ContainerFailure } from './witness.ts';

export function kubeletStatus(container: Container, pod: Pod): ContainerFailure | undefined {
  const status = readStatus(container, pod);
  return status === 'undetermined' ? undefined : status;
}

/** True where the status leaves both possible: that the container fails the check, and that it passes. */
export const isUndetermined = (container: Container, pod: Pod): boolean =>
  readStatus(container, pod) === 'undetermined';

/** What an application wrote when it ended is never consulted. */
function readStatus(
  { state, type }: Container,
  { finished }: Pod,
): KubeletFailure | 'undetermined' | undefined {
  if (!state) return undefined;
  switch (state.is) {
    case 'running':
      return undefined;
    case 'terminated':
      return finished || isOver(type, state.exitCode) ? undefined : 'undetermined';
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

/** Kubelets up to 1.7 wrote the sentence into the reason itself. Any other reason is another failure. */
function readWaiting(reason: string, message: string): KubeletFailure | 'undetermined' | undefined {
  if (reason === 'CrashLoopBackOff') return 'undetermined';
  if (reason !== 'CreateContainerConfigError') {
    return reason === '' && message === '' ? 'undetermined' : parseKubeletStatus(reason);
  }
  return message === '' ? 'undetermined' : parseKubeletStatus(message);
}
