// What the records should say of a workload in the end: slow, simple, and without a line of the engine.

import type { Says } from '../apiserver/kubelet-says.ts';
import { isReady, refusalOf, templateOf } from './simulated-workload.ts';
import type { SimulatedContainer, SimulatedPod, SimulatedWorkload } from './simulated-workload.ts';

export type Expected = {
  readonly state: 'Failing' | 'NotReady' | 'Resolved';
  /** `app: sentence`, sorted, without doubles. */
  readonly findings: readonly string[];
  readonly pods: string;
};

/** @param was what was recorded before, of the same object */
export function expectedOf(workload: SimulatedWorkload, was: Expected | undefined): Expected | undefined {
  const { kind, pods, replicas } = workload;
  const template = templateOf(workload);
  const shown = pods.map((pod) => ({ pod, says: sentencesOf(workload, pod) }));
  const failing = shown.filter(({ says }) => says.length > 0);
  const findings = [...new Set(failing.flatMap(({ says }) => says))].toSorted();
  const count = `${failing.length}/${pods.length}`;
  if (findings.length > 0) return { state: 'Failing', findings, pods: count };
  if (!was || was.state === 'Resolved') return was;
  const isCurrent = (pod: SimulatedPod): boolean => kind === 'ReplicaSet' || pod.template === template;
  const works = pods.length === replicas && pods.every((pod) => isReady(pod) && isCurrent(pod));
  const hasEnded = replicas === 0;
  return { state: works || hasEnded ? 'Resolved' : 'NotReady', findings: [], pods: count };
}

/** What the kubelet refuses of this pod, as far as the pods that would replace it would be refused for it as well. */
function sentencesOf(workload: SimulatedWorkload, { template }: SimulatedPod): readonly string[] {
  return template.containers.flatMap((container) => {
    const says = refusalOf(template, container);
    return says && stillDeclared(workload, template, container) ? `${container.name}: ${words(says)}` : [];
  });
}

function stillDeclared(
  workload: SimulatedWorkload,
  made: SimulatedPod['template'],
  container: SimulatedContainer,
): boolean {
  const template = templateOf(workload);
  if (made === template) return true;
  const now = template.containers.find(({ name }) => name === container.name);
  return (
    now !== undefined &&
    now.image === container.image &&
    now.runAsUser === container.runAsUser &&
    template.runAsNonRoot === made.runAsNonRoot
  );
}

const words = (says: Says): string =>
  says({ pod: '', namespace: '', uid: '', container: '' }).message.replace(/ \(pod: .*$/, '');
