// Makes snapshots of objects that a person has given, instead of asking an API server for them.

import { compare } from '../../platform/data/compare.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import type { Manifests, ParsedManifests } from '../../model/manifests.ts';
import type { Pod } from '../../model/pod.ts';
import type { Snapshot, Workload } from '../../model/snapshot.ts';
import type { Time } from '../../model/time.ts';
import type { WorkloadRef } from '../../model/workload.ts';
import { keyOf } from '../../model/workload.ts';
import { objectAt, present, textAt } from '../../platform/data/field.ts';
import { injectionMarksOf } from '../injection-marks.ts';
import { GivenAnswers } from './answers.ts';
import { eventOf } from './event.ts';
import { GivenOwners, type OwnerChain } from './owners.ts';
import { type GivenObject, identified, isEvent, isTold, listed } from './identity.ts';
import { terminatedMessage } from '../kept-message.ts';
import { projectNamespace } from '../project-namespace.ts';
import { projectNode, repositoryOf } from '../project-node.ts';
import { projectPod } from '../project-pod.ts';
import { projectWorkload } from '../project-workload.ts';

/** Pods that are read of one workload, as in the operator. */
const maxPods = 500;

/**
 * Pods, their owners, and the Events, nodes and namespaces around them, as `kubectl get -o yaml` or `-o json` prints them;
 * lists are taken apart. An owner that was not given is known by the reference to it, and incomplete.
 */
export function givenObjects(objects: readonly unknown[], now: Time): ParsedManifests {
  const all = objects.flatMap(listed).map(identified);
  const owners = new GivenOwners(all);
  const byKey = new Map<string, OwnerChain[]>();
  for (const one of all.filter(isWorkloadLike)) {
    const chain = owners.chainOf(one);
    const key = keyOf(chain.top);
    byKey.set(key, [...(byKey.get(key) ?? []), chain]);
  }
  const workloads = [...byKey.values()].map((chains) => givenOf(chains, all, now));
  const known = new Set([...byKey.values()].flat().flatMap(({ links }) => links.map(({ uid }) => uid)));
  const events = all.filter((one) => isEvent(one) && !isTold(one, known)).map(eventOf);
  const waiting = new Set(
    workloads.flatMap(({ snapshot }) => snapshot.pods.filter(isWaiting)).map(({ uid }) => uid),
  );
  const sandboxEvents = all.filter((one) => isSandboxEvent(one) && isTold(one, waiting)).map(eventOf);
  return { workloads, events, sandboxEvents };
}

const isSandboxEvent = (given: GivenObject): boolean =>
  isEvent(given) && textAt(given.object, 'reason') === 'FailedCreatePodSandBox';

/** None of its containers was ever started. */
const isWaiting = ({ manifest }: Pod): boolean =>
  containersOf(manifest).every(({ state, lastTerminated }) => state?.is !== 'running' && !lastTerminated);

const aside = new Set(['Event', 'Node', 'Namespace']);

/** A pod, or something that makes pods. */
const isWorkloadLike = (given: GivenObject): boolean =>
  !aside.has(given.kind) &&
  (given.kind === 'Pod' || projectWorkload(given, given.object).template !== undefined);

/** @param chains of one workload: those of its pods, of the owners between, and its own */
function givenOf(chains: readonly OwnerChain[], all: readonly GivenObject[], now: Time): Manifests {
  const [{ top, isComplete } = unknownChain] = chains;
  const pods = chains
    .filter(({ links }) => links[0]?.kind === 'Pod')
    .flatMap(({ links }) => projectPod(links[0]?.object) ?? [])
    .toSorted((a, b) => compare(a.createdTime, b.createdTime) || compare(a.name, b.name));
  const workload = workloadOf(chains, top, isComplete);
  const namespace = all.find(({ kind, name }) => kind === 'Namespace' && name === top.namespace)?.object;
  const { createFailures, ...rest } = workload;
  const kept = pods.slice(0, maxPods);
  const images = kept.flatMap(({ manifest }) => containersOf(manifest).map(({ image }) => image));
  const repositories = new Set(images.flatMap((image) => repositoryOf(image) ?? []));
  const answers = new GivenAnswers(all, chains);
  const onNodes = new Set(kept.map(({ node }) => node));
  return {
    snapshot: present({
      key: keyOf(top),
      now,
      workload: rest,
      pods: kept,
      nodes: all
        .filter(({ kind, name }) => kind === 'Node' && onNodes.has(name))
        .flatMap(({ object }) => projectNode(object, repositories) ?? []),
      podsTotal: pods.length,
      answers: [],
      remembered: {},
      namespace: projectNamespace(namespace),
      createFailures,
    }),
    answer: (question) => answers.to(question),
    lastWords: ({ podUid, container }) =>
      terminatedMessage(all.find(({ uid }) => uid === podUid)?.object, container),
    injectionMarks: chains.flatMap(({ links }) => links.flatMap(marksOf)),
    isNamespaceKnown: chains.every(({ links }) => links.every((link) => link.isNamespaceKnown)),
  };
}

/** Of a pod, and of whatever holds a template. */
const marksOf = ({ object }: GivenObject): readonly string[] =>
  [
    object,
    objectAt(object, 'spec', 'template'),
    objectAt(object, 'spec', 'jobTemplate', 'spec', 'template'),
  ].flatMap(injectionMarksOf);

const unknownChain: OwnerChain = {
  links: [],
  top: { apiVersion: '', kind: '', name: '', namespace: '', uid: '' },
  isComplete: false,
};

/** From the workload itself; what it lacks, a template or a condition, from the nearest owner below it. */
function workloadOf(
  chains: readonly OwnerChain[],
  top: WorkloadRef,
  isComplete: boolean,
): Workload & Pick<Snapshot, 'createFailures'> {
  const owners = new Map(
    chains.flatMap(({ links }) => links.toReversed().map((link) => [link.uid, link] as const)),
  );
  const details = [...owners.values()]
    .filter(({ kind, uid }) => kind !== 'Pod' || uid === top.uid)
    .map((link) => ({ uid: link.uid, fields: projectWorkload(link, link.object) }));
  const own = details.find(({ uid }) => uid === top.uid)?.fields;
  const below = details.map(({ fields }) => fields);
  const { muteUntil: _muteUntil, createFailures: _refusals, template: _template, ...fields } = own ?? {};
  return present({
    ref: top,
    incomplete: !isComplete,
    ...fields,
    template: own?.template ?? below.find(({ template }) => template)?.template,
    createFailures: own?.createFailures ?? below.find(({ createFailures }) => createFailures)?.createFailures,
  });
}
