// A workload as its controller and the kubelet would keep it, far enough for what a Diagnosis depends on.

import { createHash } from 'node:crypto';

import type { ApiServer } from '../apiserver/api-server.ts';
import type { Fields, KubeObject } from '../apiserver/object.ts';
import { deployment, daemonSet, pod, replicaSet, statefulSet } from '../apiserver/story.ts';
import {
  crashLoopBackOff,
  imageRunsAsRoot,
  nonNumericUser,
  runAsUserIsRoot,
  type Says,
} from '../apiserver/kubelet-says.ts';

export const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const;
export const images = ['root', 'named', 'numeric', 'crash'] as const;

export type SimulatedContainer = {
  readonly name: string;
  readonly image: (typeof images)[number];
  readonly runAsUser?: number | undefined;
};
export type SimulatedTemplate = {
  readonly runAsNonRoot: boolean;
  readonly containers: readonly SimulatedContainer[];
};
export type SimulatedPod = { readonly name: string; readonly template: SimulatedTemplate };
export type SimulatedWorkload = {
  readonly kind: (typeof kinds)[number];
  readonly namespace: string;
  readonly name: string;
  /** Counts the objects that have had this name. */
  readonly life: number;
  readonly replicas: number;
  /** All that it has had, oldest first; the last one counts. */
  readonly templates: readonly [SimulatedTemplate, ...SimulatedTemplate[]];
  readonly pods: readonly SimulatedPod[];
  /** Pods made so far. */
  readonly made: number;
};

export const templateOf = ({ templates }: SimulatedWorkload): SimulatedTemplate =>
  templates.at(-1) ?? templates[0];

/** What the kubelet says of a container that it does not start; undefined where the container passes. */
export function refusalOf(
  { runAsNonRoot }: SimulatedTemplate,
  { image, runAsUser }: SimulatedContainer,
): Says | undefined {
  if (!runAsNonRoot) return undefined;
  if (runAsUser === 0) return runAsUserIsRoot();
  if (runAsUser !== undefined) return undefined;
  if (image === 'root') return imageRunsAsRoot();
  return image === 'named' ? nonNumericUser('app') : undefined;
}

export const isReady = ({ template }: SimulatedPod): boolean =>
  template.containers.every((one) => !refusalOf(template, one) && one.image !== 'crash');

/** What its controller does next: makes the pods that are missing, and replaces old ones as its kind does. */
export function reconciled(workload: SimulatedWorkload): SimulatedWorkload {
  const template = templateOf(workload);
  const isCurrent = (one: SimulatedPod): boolean => one.template === template;
  const scaled = workload.pods.slice(0, workload.replicas);
  const kept = scaled.filter((one, index) => isCurrent(one) || isKept(workload, scaled, index));
  const surge =
    workload.kind === 'Deployment' && kept.some((one) => !isCurrent(one)) && !kept.some(isCurrent) ? 1 : 0;
  const missing = workload.replicas === 0 ? 0 : workload.replicas + surge - kept.length;
  const news = Array.from({ length: Math.max(0, missing) }, (_none, index) => ({
    name: `${workload.name}-${workload.life}-${workload.made + index}`,
    template,
  }));
  return { ...workload, pods: [...kept, ...news], made: workload.made + news.length };
}

/** A rollout goes on only over pods that become ready; a StatefulSet waits for the one that is stuck. */
function isKept(
  { kind, ...workload }: SimulatedWorkload,
  pods: readonly SimulatedPod[],
  index: number,
): boolean {
  if (kind === 'ReplicaSet') return true;
  if (kind === 'StatefulSet') return pods.slice(index).some((one) => !isReady(one));
  const template = templateOf({ kind, ...workload });
  return kind === 'Deployment' && !isReady({ name: '', template }) && index === 0;
}

/** Puts it into the server as it is now, and takes away the pods that it no longer has. */
export function show(
  server: ApiServer,
  workload: SimulatedWorkload,
  before: SimulatedWorkload | undefined,
): void {
  const { namespace, pods, life } = workload;
  for (const object of ownerObjects(workload)) server.put(object);
  const old = before?.life === life ? before.pods : [];
  for (const { name } of old.filter((one) => !pods.some((now) => now.name === one.name)))
    server.remove('Pod', namespace, name);
  for (const one of pods) server.put(podObject(workload, one));
}

const hashOf = (template: SimulatedTemplate): string =>
  createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8);

/** A template that comes back has its old name and a new number. */
const revisionOf = ({ templates }: SimulatedWorkload, template: SimulatedTemplate): string =>
  String(templates.lastIndexOf(template) + 1);

const uidOf = ({ kind, namespace, name, life }: SimulatedWorkload): string =>
  `${kind}-${namespace}-${name}-${life}`;

const controllerName = ({ name }: SimulatedWorkload, template: SimulatedTemplate): string =>
  `${name}-${hashOf(template)}`;

function ownerObjects(workload: SimulatedWorkload): readonly KubeObject[] {
  const { kind, namespace, name, replicas, pods, templates } = workload;
  const template = templateOf(workload);
  const [base] = story(kind)(name).objects(namespace, templateObject(template, {}));
  if (!base) throw new Error('a story makes an object');
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((one) => one.template === template).length;
  const counts: Fields =
    kind === 'DaemonSet'
      ? { desiredNumberScheduled: replicas, numberReady: ready, updatedNumberScheduled: updated }
      : {
          replicas: pods.length,
          readyReplicas: ready,
          ...(kind !== 'ReplicaSet' && { updatedReplicas: updated }),
        };
  const spec = base['spec'] as Fields;
  const own: KubeObject = {
    ...base,
    metadata: {
      ...base.metadata,
      uid: uidOf(workload),
      generation: templates.length,
      annotations: annotationsOf(workload),
    },
    spec: { ...spec, ...(kind !== 'DaemonSet' && { replicas }) },
    status: {
      observedGeneration: templates.length,
      ...counts,
      ...(kind === 'StatefulSet' && { updateRevision: controllerName(workload, template) }),
    },
  };
  return kind === 'Deployment' ? [own, ...templates.map((one) => replicaSetObject(workload, one))] : [own];
}

const story = (kind: SimulatedWorkload['kind']) =>
  ({ Deployment: deployment, StatefulSet: statefulSet, DaemonSet: daemonSet, ReplicaSet: replicaSet })[kind];

function annotationsOf({ kind, templates }: SimulatedWorkload): Fields {
  const revision = String(templates.length);
  if (kind === 'Deployment') return { 'deployment.kubernetes.io/revision': revision };
  return kind === 'DaemonSet' ? { 'deprecated.daemonset.template.generation': revision } : {};
}

function replicaSetObject(workload: SimulatedWorkload, template: SimulatedTemplate): KubeObject {
  const { namespace, name } = workload;
  const made = replicaSet(controllerName(workload, template)).of(deployment(name));
  const object = made.objects(namespace, templateObject(template, made.podLabels)).at(-1);
  if (!object) throw new Error('a story makes an object');
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: uidOf(workload), controller: true };
  const annotations = { 'deployment.kubernetes.io/revision': revisionOf(workload, template) };
  const uid = `${uidOf(workload)}-${hashOf(template)}`;
  return { ...object, metadata: { ...object.metadata, uid, annotations, ownerReferences: [owner] } };
}

function templateObject({ runAsNonRoot, containers }: SimulatedTemplate, labels: Fields): Fields {
  return {
    metadata: { labels },
    spec: { securityContext: { runAsNonRoot }, containers: containers.map(containerObject) },
  };
}

const containerObject = ({ name, image, runAsUser }: SimulatedContainer): Fields => ({
  name,
  image: `registry.example/${image}:1`,
  ...(runAsUser !== undefined && { securityContext: { runAsUser } }),
});

function podObject(workload: SimulatedWorkload, { name, template }: SimulatedPod): KubeObject {
  const { kind, namespace } = workload;
  const built = template.containers.reduce(
    (pods, one) => {
      const { securityContext } = containerObject(one);
      const parts = {
        image: `registry.example/${one.image}:1`,
        ...(securityContext !== undefined && { securityContext: securityContext as Fields }),
      };
      const declared = pods.container(one.name, parts);
      const says = refusalOf(template, one);
      if (says) return declared.waiting(one.name, says);
      return one.image === 'crash'
        ? declared.crashed(one.name, 1, crashLoopBackOff())
        : declared.running(one.name);
    },
    pod(name)
      .in(namespace)
      .of(story(kind)(workload.name))
      .securityContext({ runAsNonRoot: template.runAsNonRoot }),
  );
  const object = built.pod();
  const controller =
    kind === 'Deployment'
      ? {
          kind: 'ReplicaSet',
          name: controllerName(workload, template),
          uid: `${uidOf(workload)}-${hashOf(template)}`,
        }
      : { kind, name: workload.name, uid: uidOf(workload) };
  const marks: Fields =
    kind === 'StatefulSet'
      ? { 'controller-revision-hash': controllerName(workload, template) }
      : kind === 'DaemonSet'
        ? { 'pod-template-generation': revisionOf(workload, template) }
        : {};
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...(object.metadata['labels'] as Fields), ...marks },
      ownerReferences: [{ apiVersion: 'apps/v1', controller: true, ...controller }],
    },
  };
}
