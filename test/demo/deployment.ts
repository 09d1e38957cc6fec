// A Deployment of the demo, and the part that a cluster plays in it: whenever its template has changed there is a new
// ReplicaSet with new pods. What becomes of their container is the script's.

import { createHash } from 'node:crypto';

import type { ApiServer } from '../apiserver/api-server.ts';
import type { Says } from '../apiserver/kubelet-says.ts';
import { asFields, asList, at, type Fields, type Json } from '../apiserver/object.ts';
import { managedBy, uidOf } from '../apiserver/story-owners.ts';

export const namespace = 'shop';

export type Outcome =
  | { readonly is: 'refused'; readonly says: Says }
  | { readonly is: 'crashing'; readonly log: string }
  | { readonly is: 'running' };

type Made = { readonly name: string; readonly replicas: number; readonly image: string };

export function createDeployment(server: ApiServer, { name, replicas, image }: Made): void {
  const spec = {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { securityContext: { runAsNonRoot: true }, containers: [{ name: 'app', image }] },
    },
  };
  const uid = uidOf('Deployment', namespace, name);
  const managedFields = [managedBy('helm', 'apps/v1', { spec })];
  const metadata = { name, namespace, uid, generation: 1, managedFields };
  server.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
}

/** The pods of its template as it is now; those of an earlier one are gone. */
export function rollOut(server: ApiServer, name: string, outcome: Outcome): void {
  const deployment = server.get('Deployment', namespace, name);
  if (!deployment) throw new Error(`There is no Deployment ${name}.`);
  const isOld = ({ metadata }: { readonly metadata: { readonly name: string } }): boolean =>
    metadata.name.startsWith(`${name}-`);
  for (const kind of ['Pod', 'ReplicaSet'])
    for (const { metadata } of server.list(kind).filter(isOld)) server.remove(kind, namespace, metadata.name);
  const template = asFields(at(deployment, 'spec', 'template'));
  const replicas = Number(at(deployment, 'spec', 'replicas'));
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex');
  const replicaSet = `${name}-${hash.slice(0, 8)}`;
  const labels = { app: name };
  const owner = ownedBy('Deployment', name);
  const spec = { replicas, selector: { matchLabels: labels }, template };
  const ready = outcome.is === 'running' ? replicas : 0;
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: ready, availableReplicas: ready };
  server.put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...identity('ReplicaSet', replicaSet), labels, ...owner },
    spec,
    status: { ...counts, observedGeneration: 1 },
  });
  for (const suffix of suffixes.slice(0, replicas)) {
    const pod = `${replicaSet}-${suffix}`;
    if (outcome.is === 'crashing') server.setLog(namespace, pod, 'app', outcome.log);
    server.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...identity('Pod', pod), labels, ...ownedBy('ReplicaSet', replicaSet) },
      spec: { ...asFields(template['spec']), nodeName: 'node-1', restartPolicy: 'Always' },
      status: podStatus(pod, asFields(asList(at(template, 'spec', 'containers'))[0]), outcome),
    });
  }
  const observedGeneration = Number(at(deployment, 'metadata', 'generation') ?? 1);
  server.setStatus('Deployment', namespace, name, { ...counts, observedGeneration });
}

const suffixes = ['4kqzp', 'x7m2c'];

const identity = (kind: string, name: string) => ({
  name,
  namespace,
  uid: uidOf(kind, namespace, name),
  generation: 1,
  creationTimestamp: new Date().toISOString(),
});

function ownedBy(kind: string, name: string): { readonly ownerReferences: Json } {
  const owner = { apiVersion: 'apps/v1', kind, name, uid: uidOf(kind, namespace, name) };
  return { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] };
}

function podStatus(pod: string, { name, image }: Fields, outcome: Outcome): Fields {
  const isRunning = outcome.is === 'running';
  const status = {
    name,
    image,
    imageID: '',
    ready: isRunning,
    started: isRunning,
    ...containerState(pod, outcome),
  };
  const conditions = [{ type: 'Ready', status: isRunning ? 'True' : 'False' }];
  return { phase: outcome.is === 'refused' ? 'Pending' : 'Running', conditions, containerStatuses: [status] };
}

function containerState(pod: string, outcome: Outcome): Fields {
  const now = new Date().toISOString();
  const about = { pod, namespace, uid: uidOf('Pod', namespace, pod), container: 'app' };
  switch (outcome.is) {
    case 'refused':
      return { restartCount: 0, lastState: {}, state: { waiting: outcome.says(about) } };
    case 'running':
      return { restartCount: 0, lastState: {}, state: { running: { startedAt: now } } };
    case 'crashing': {
      const terminated = { exitCode: 1, reason: 'Error', startedAt: now, finishedAt: now };
      const message = `back-off 10s restarting failed container=app pod=${pod}_${namespace}(${about.uid})`;
      const waiting = { reason: 'CrashLoopBackOff', message };
      return { restartCount: 1, lastState: { terminated }, state: { waiting } };
    }
    default:
      return outcome satisfies never;
  }
}
