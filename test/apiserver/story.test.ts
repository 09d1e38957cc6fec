// Stories hold what a real cluster held: texts, states and owners are compared with the recordings.

import { describe, expect, test } from '@jest/globals';
import { ApiServer } from './api-server.ts';
import { asList, asText, at, type Json, type KubeObject } from './object.ts';
import * as story from './story.ts';
import { refused } from './story-refusal.ts';

const { deployment, pod, replicaSet } = story;

function recorded(name: string): ApiServer {
  const server = new ApiServer();
  story.playRecording(server, name);
  return server;
}

function waitingIn(object: KubeObject | undefined): Json | undefined {
  return at(asList(at(object, 'status', 'containerStatuses'))[0], 'state', 'waiting');
}

describe('what the kubelet says', () => {
  test.each([
    ['deployment-root', story.imageRunsAsRoot()],
    ['root-by-name', story.nonNumericUser('root')],
    ['run-as-user-zero', story.runAsUserIsRoot()],
    ['invalid-uid', story.invalidImageUid(4294967294)],
    ['missing-secret', story.secretNotFound('credentials')],
    ['crash-loop-then-nonroot.crashloopbackoff', story.crashLoopBackOff()],
  ])('is what it said in %s', (name, says) => {
    const [real] = recorded(name).list('Pod');
    const { namespace = '', uid = '' } = real?.metadata ?? {};
    const container = asText(at(asList(at(real, 'spec', 'containers'))[0], 'name'));
    const told = says({ pod: real?.metadata.name ?? '', namespace, uid, container });
    expect(told).toEqual(waitingIn(real));
  });

  test('of Windows and of pulls has the names in it', () => {
    const about = { pod: 'web', namespace: 'shop', uid: 'u', container: 'app' };
    expect(story.windowsAdministrator('runAsUserName', 'ContainerAdministrator')(about).message).toBe(
      "container's runAsUserName (ContainerAdministrator) which will be regarded as root identity and will break " +
        'non-root policy (pod: "web_shop(u)", container: app)',
    );
    expect(story.imagePullBackOff('x:1')(about)).toMatchObject({ reason: 'ImagePullBackOff' });
    expect(story.says('Odd', 'anything')(about)).toEqual({ reason: 'Odd', message: 'anything' });
  });
});

describe('a pod', () => {
  const web = replicaSet('web-abc').of(deployment('web'));

  test('has the fields of a recorded one, and its template says the same', () => {
    const server = new ApiServer();
    story.play(server, pod('web-1').in('shop').of(web).waiting('app', story.imageRunsAsRoot()));
    const told = server.get('Pod', 'shop', 'web-1');
    const [real] = recorded('deployment-root').list('Pod');
    expect(Object.keys(real?.metadata ?? {})).toEqual(expect.arrayContaining(ownKeys(told, 'metadata')));
    expect(ownKeys(real, 'spec')).toEqual(expect.arrayContaining(ownKeys(told, 'spec')));
    expect(ownKeys(real, 'status')).toEqual(expect.arrayContaining(ownKeys(told, 'status')));
    const template = at(server.get('Deployment', 'shop', 'web'), 'spec', 'template', 'spec');
    expect(template).toMatchObject({
      securityContext: { runAsNonRoot: true },
      containers: at(told, 'spec', 'containers'),
    });
  });

  test('belongs to its owners by their uids, also where these are told of later', () => {
    const server = new ApiServer();
    story.play(server, pod('web-1').of(web), pod('web-2').of(web));
    const uidOf = (kind: string, name: string): string =>
      server.get(kind, 'default', name)?.metadata.uid ?? '';
    const ownerOf = (kind: string, name: string): Json | undefined =>
      at(asList(server.get(kind, 'default', name)?.metadata['ownerReferences'])[0], 'uid');
    expect(ownerOf('Pod', 'web-2')).toBe(uidOf('ReplicaSet', 'web-abc'));
    expect(ownerOf('ReplicaSet', 'web-abc')).toBe(uidOf('Deployment', 'web'));
    expect(server.list('Deployment')).toHaveLength(1);
  });

  test('names who set a field, and nobody for what admission added', () => {
    const admitted = pod('web-1').of(web).securityContext({}).admitted({ runAsNonRoot: true });
    const [deploymentObject, , podObject] = admitted.objects();
    expect(at(podObject, 'spec', 'securityContext', 'runAsNonRoot')).toBe(true);
    expect(JSON.stringify(podObject?.metadata['managedFields'])).not.toContain('f:runAsNonRoot');
    expect(at(deploymentObject, 'spec', 'template', 'spec', 'securityContext')).toEqual({});
    const [plain] = pod('web-1').of(web).objects();
    expect(asList(plain?.metadata['managedFields'])).toMatchObject([
      { manager: 'kubectl-client-side-apply' },
    ]);
    expect(JSON.stringify(plain?.metadata['managedFields'])).toContain('f:runAsNonRoot');
  });

  test('is pending while a container waits that never ran, whatever the others do', () => {
    const two = pod('web').container('app').container('proxy').running('proxy');
    expect(phaseOf(two.waiting('app', story.imageRunsAsRoot()))).toBe('Pending');
    expect(phaseOf(two.crashed('app', 1, story.imageRunsAsRoot()))).toBe('Running');
    const debugged = pod('web').ephemeralContainer('debug').running('app');
    expect(phaseOf(debugged.waiting('debug', story.imageRunsAsRoot()))).toBe('Running');
  });

  test('keeps its app containers back while an init container fails', () => {
    const told = pod('web').initContainer('setup').waiting('setup', story.imageRunsAsRoot()).pod();
    expect(waitingIn(told)).toEqual({ reason: 'PodInitializing' });
    expect(at(asList(at(told, 'spec', 'initContainers'))[0], 'restartPolicy')).toBeUndefined();
    const sidecar = pod('web').sidecar('proxy').pod();
    expect(at(asList(at(sidecar, 'spec', 'initContainers'))[0], 'restartPolicy')).toBe('Always');
  });

  test('has Events that point at the container, as the recorded ones do', () => {
    const says = story.imageRunsAsRoot();
    const told = pod('web').initContainer('setup').failedEvent('setup', says, 4).objects().at(-1);
    expect(told).toMatchObject({
      involvedObject: { fieldPath: 'spec.initContainers{setup}', name: 'web' },
      reason: 'Failed',
      count: 4,
      source: { component: 'kubelet' },
    });
    const real = recorded('deployment-root')
      .list('Event')
      .find((event) => event['reason'] === 'Failed');
    expect(Object.keys(real ?? {}).toSorted()).toEqual(Object.keys(told ?? {}).toSorted());
    expect(asText(told?.['message'])).toMatch(/^Error: container has runAsNonRoot/);
  });

  test('cannot be told of containers that it does not have', () => {
    expect(() => pod('web').running('other').pod()).toThrow('no container other');
  });
});

describe('owners', () => {
  test.each([
    ['StatefulSet', story.statefulSet('db'), 'statefulset-named-group'],
    ['DaemonSet', story.daemonSet('db'), 'daemonset-named'],
    ['Job', story.job('db'), 'job'],
    ['CronJob', story.cronJob('db'), 'cronjob'],
  ])('a %s has the fields of a recorded one', (kind, owner, recording) => {
    const [told] = pod('db-0').of(owner).objects();
    const [real] = recorded(recording).list(kind);
    expect(ownKeys(real, 'spec')).toEqual(expect.arrayContaining(ownKeys(told, 'spec')));
    expect([told?.kind, told?.apiVersion]).toEqual([real?.kind, real?.apiVersion]);
  });

  test('count their replicas, and say who wrote them', () => {
    const owner = deployment('web').replicas(3, 1).setBy('helm').annotated({ a: 'b' }).labelled({ c: 'd' });
    const [told] = pod('web').of(owner).objects();
    expect(told).toMatchObject({
      metadata: { annotations: { a: 'b' }, labels: { c: 'd' }, managedFields: [{ manager: 'helm' }] },
      spec: { replicas: 3 },
      status: { replicas: 3, readyReplicas: 1 },
    });
  });
});

describe('a controller that may not create its pods', () => {
  const real = recorded('podsecurity-refused');
  const told = new ApiServer();
  story.play(told, refused(replicaSet('web-abc').of(deployment('web'))).in('shop'));

  test.each(['ReplicaSet', 'Deployment'])('says so by the condition that a recorded %s has', (kind) => {
    const [ours, theirs] = [told, real].map((server) => failureOf(server.list(kind)[0]));
    expect(withoutNames(at(ours, 'message'))).toBe(withoutNames(at(theirs, 'message')));
    expect(ours).toMatchObject({ status: 'True', reason: 'FailedCreate' });
    expect(theirs).toMatchObject({ status: 'True', reason: 'FailedCreate' });
  });

  test('has the Event of a recorded one', () => {
    const theirs = real.list('Event').find((event) => event['reason'] === 'FailedCreate');
    const [ours] = told.list('Event');
    expect(withoutNames(ours?.['message'])).toBe(withoutNames(theirs?.['message']));
    expect(Object.keys(ours ?? {}).toSorted()).toEqual(Object.keys(theirs ?? {}).toSorted());
    expect(ours?.['source']).toEqual(theirs?.['source']);
  });

  test.each([
    ['StatefulSet', story.statefulSet('db')],
    ['DaemonSet', story.daemonSet('agent')],
    ['Job', story.job('once')],
  ])('has no condition as a %s', (kind, of) => {
    const [object] = refused(of).objects();
    expect([object?.kind, failureOf(object)]).toEqual([kind, undefined]);
  });
});

function failureOf(object: KubeObject | undefined): Json | undefined {
  return asList(at(object, 'status', 'conditions')).find(
    (condition) => at(condition, 'type') === 'ReplicaFailure',
  );
}

function withoutNames(message: Json | undefined): string {
  return asText(message).replace(/pods "[^"]*"/, 'pods "x"');
}

function phaseOf(told: story.PodStory): Json | undefined {
  return at(told.pod(), 'status', 'phase');
}

function ownKeys(object: KubeObject | undefined, part: string): string[] {
  return Object.keys(at(object, part) ?? {});
}
