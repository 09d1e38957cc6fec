// Pods as sentences, down to the raw objects that an API server would hold:
// `pod('web-1').in('shop').of(replicaSet('web-abc').of(deployment('web'))).waiting('app', imageRunsAsRoot())`.

import { readFileSync } from 'node:fs';
import type { ApiServer } from './api-server.ts';
import { isBuiltIn } from '../../src/engine/model/workload.ts';
import { customKind } from './resource.ts';
import type { Says } from './kubelet-says.ts';
import { asList, at, isKubeObject, type Fields, type Json, type KubeObject } from './object.ts';
import { storyTime, type OwnerStory } from './story-owners.ts';
import { containerSpec, eventOf, ownersOf, podOf } from './story-pod.ts';
import type { ContainerList, ContainerParts, PodFacts, State } from './story-pod.ts';

export * from './kubelet-says.ts';
export {
  cronJob,
  daemonSet,
  deployment,
  job,
  owner,
  replicaSet,
  replicationController,
  statefulSet,
} from './story-owners.ts';

export type PodStory = {
  readonly in: (namespace: string) => PodStory;
  readonly of: (owner: OwnerStory) => PodStory;
  readonly on: (node: string) => PodStory;
  readonly labelled: (labels: Fields) => PodStory;
  /** RFC 3339. */
  readonly created: (time: string) => PodStory;
  readonly deleting: () => PodStory;
  /** The pod's own security context, in the template as well; `{runAsNonRoot: true}` unless said. */
  readonly securityContext: (fields: Fields) => PodStory;
  /** Fields of the security context that admission put on the pod: the template lacks them and nobody owns them. */
  readonly admitted: (fields: Fields) => PodStory;
  /** Without any of these four, the pod has one container, `app`. */
  readonly container: (name: string, parts?: ContainerParts) => PodStory;
  readonly initContainer: (name: string, parts?: ContainerParts) => PodStory;
  readonly sidecar: (name: string, parts?: ContainerParts) => PodStory;
  readonly ephemeralContainer: (name: string, parts?: ContainerParts) => PodStory;
  readonly waiting: (container: string, says: Says) => PodStory;
  readonly running: (container: string) => PodStory;
  readonly terminated: (container: string, exitCode: number, reason?: string) => PodStory;
  /** It ran before, ended with this code, and is not running now. */
  readonly crashed: (container: string, exitCode: number, says: Says) => PodStory;
  /** Adds the kubelet's Event for a message, as after `count` attempts, the last at `time` (RFC 3339). */
  readonly failedEvent: (container: string, says: Says, count?: number, time?: string) => PodStory;
  readonly pod: () => KubeObject;
  /** Everything in the story, owners first, Events last. */
  readonly objects: () => readonly KubeObject[];
};

export function pod(name: string): PodStory {
  const lists = { containers: [], states: {}, events: [] };
  const place = { namespace: 'default', owner: undefined, node: 'node-1', labels: {} };
  const security = { security: { runAsNonRoot: true }, admitted: {} };
  return storyOf({ name, ...place, created: storyTime, deleting: false, ...security, ...lists });
}

/** Puts everything that the stories tell into the server. */
export function play(server: ApiServer, ...stories: readonly Pick<PodStory, 'objects'>[]): void {
  for (const object of stories.flatMap((story) => story.objects())) server.put(object);
}

/** Puts a recording of a real cluster, `cases/recordings/NAME.json`, into the server. */
export function playRecording(server: ApiServer, name: string): void {
  const text = readFileSync(new URL(`../../cases/recordings/${name}.json`, import.meta.url), 'utf8');
  const recording: Json = JSON.parse(text);
  const order = ['nodes', 'namespaces', 'owners', 'pods', 'events'];
  const objects = order.flatMap((list) => asList(at(recording, list)));
  for (const object of objects.filter(isKubeObject)) {
    if (!isBuiltIn(object)) server.register(customKind(object.apiVersion, object.kind));
    server.put(object);
  }
}

function storyOf(facts: PodFacts): PodStory {
  const but = (change: Partial<PodFacts>): PodStory => storyOf({ ...facts, ...change });
  const add = (list: ContainerList, name: string, parts: ContainerParts = {}, extra: Fields = {}): PodStory =>
    but({ containers: [...facts.containers, { list, spec: containerSpec(name, parts, extra) }] });
  const state = (container: string, found: Partial<State>): PodStory =>
    but({ states: { ...facts.states, [container]: { state: {}, lastState: {}, restarts: 0, ...found } } });
  return {
    in: (namespace) => but({ namespace }),
    of: (owner) => but({ owner, labels: { ...owner.podLabels, ...facts.labels } }),
    on: (node) => but({ node }),
    labelled: (labels) => but({ labels: { ...facts.labels, ...labels } }),
    created: (created) => but({ created }),
    deleting: () => but({ deleting: true }),
    securityContext: (security) => but({ security }),
    admitted: (admitted) => but({ admitted }),
    container: (name, parts) => add('containers', name, parts),
    initContainer: (name, parts) => add('initContainers', name, parts),
    sidecar: (name, parts) => add('initContainers', name, parts, { restartPolicy: 'Always' }),
    ephemeralContainer: (name, parts) => add('ephemeralContainers', name, parts),
    waiting: (container, says) => state(container, { says }),
    running: (container) => state(container, { state: { running: { startedAt: storyTime } } }),
    terminated: (container, exitCode, reason) => state(container, { state: ended(exitCode, reason) }),
    crashed: (container, exitCode, says) =>
      state(container, { says, lastState: ended(exitCode), restarts: 3 }),
    failedEvent: (container, says, count = 1, time = storyTime) =>
      but({ events: [...facts.events, { container, says, count, time }] }),
    pod: () => podOf(facts),
    objects: () => [...ownersOf(facts), podOf(facts), ...facts.events.map((event) => eventOf(facts, event))],
  };
}

function ended(exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): Fields {
  return { terminated: { exitCode, reason, startedAt: storyTime, finishedAt: storyTime } };
}
