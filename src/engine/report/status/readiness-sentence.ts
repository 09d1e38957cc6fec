// The words for a workload that no longer fails the check, and is not ready.

import type { Obstacle, WorkloadReadiness } from '../../model/finding.ts';

/** `All pods pass the check; 0 of 1 ready: container metrics exits with 1.` */
export function readinessSentence({ olderPods, obstacle, desired, ready = 0 }: WorkloadReadiness): string {
  const count = desired === undefined ? 'not ready' : `${ready} of ${desired} ready`;
  const older = olderPods === 1 ? '1 pod has an older template' : `${olderPods} pods have an older template`;
  const reasons = [...(obstacle ? [obstacleWords(obstacle)] : []), ...(olderPods > 0 ? [older] : [])];
  const passes = olderPods > 0 ? 'The template has changed' : 'All pods pass the check';
  return `${passes}; ${count}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}.`;
}

function obstacleWords(obstacle: Obstacle): string {
  switch (obstacle.is) {
    case 'paused':
      return 'the rollout is paused';
    case 'refused':
      return `pods cannot be created (${obstacle.message})`;
    case 'exits':
      return `container ${obstacle.container} exits with ${obstacle.exitCode}`;
    case 'waits':
      return `container ${obstacle.container} waits (${obstacle.reason})`;
    case 'unscheduled':
      return 'a pod has no node yet';
    case 'unready':
      return 'a pod is starting or fails its readiness probe';
    default:
      return obstacle satisfies never;
  }
}
