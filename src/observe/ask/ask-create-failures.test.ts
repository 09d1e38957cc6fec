// Who may not create the pods of a workload, as Events and controllers tell it.
//
// What is said here of controllers was measured on Kubernetes 1.36: a DaemonSet writes a new Event for each of the first
// nine attempts, all within a second or two, and sums up the rest as one whose reportingComponent is empty; a
// StatefulSet's text is the same each time, so that it has one Event with a count. The next attempt comes after twice
// the time, up to 1000 s. A ReplicaSet or ReplicationController loses its condition when it creates pods or wants none.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ApiServer } from '../../../test/apiserver/api-server.ts';
import { forbidden, lists, unavailable } from '../../../test/apiserver/faults.ts';
import { asText, at, type Fields, type Json } from '../../../test/apiserver/object.ts';
import { customKind } from '../../../test/apiserver/resource.ts';
import { createdEvent, refused } from '../../../test/apiserver/story-refusal.ts';
import type { OwnerStory } from '../../../test/apiserver/story-owners.ts';
import {
  cronJob,
  daemonSet,
  deployment,
  job,
  owner,
  play,
  replicaSet,
  replicationController,
  statefulSet,
} from '../../../test/apiserver/story.ts';
import { KubeClient } from '../../kube/api/client.ts';
import { Discovery } from '../../kube/api/discovery.ts';
import { Transport } from '../../kube/api/transport.ts';
import type { CreateFailuresAnswer } from '../../engine/model/question.ts';
import { askCreateFailures } from './ask-create-failures.ts';
import { Owners } from '../owners.ts';

const never = new AbortController().signal;
const early = '2026-01-02T04:00:00Z';
const late = '2026-01-02T05:00:00Z';

let server: ApiServer;
let transport: Transport;

beforeEach(async () => {
  server = new ApiServer({ resources: [customKind('example.com/v1', 'Widget')] });
  const { url } = await server.start();
  const authorize = async () => ({ headers: {}, tls: {} });
  transport = new Transport({ server: url, namespace: 'default', authorize }, { timeoutMs: 5000 });
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

async function ask(of: OwnerStory): Promise<CreateFailuresAnswer> {
  const { apiVersion, kind, name, uid } = of.reference('shop');
  const workload = {
    apiVersion: asText(apiVersion),
    kind: asText(kind),
    name: asText(name),
    uid: asText(uid),
    namespace: 'shop',
  };
  const client = new KubeClient(transport);
  const owners = new Owners(client, new Discovery(client), () => performance.now());
  return askCreateFailures({ ask: 'createFailures', workload }, { client, owners }, never);
}

/** Whose refusals there are, with the times of their Events. */
async function refusedFor(of: OwnerStory): Promise<readonly (string | undefined)[]> {
  const { createFailures } = await ask(of);
  return createFailures.map(
    ({ owner: { kind, name }, lastTime }) => `${kind}/${name} ${lastTime ?? 'condition'}`,
  );
}

const tell = (of: OwnerStory, last = early) => refused(of).in('shop').last(last);

/** The one Event of a name, changed; another that tells of the same at another time has another name. */
function alter(of: OwnerStory, change: Fields): void {
  const { name } = of.reference('shop');
  const event = server.list('Event', 'shop').find(({ involvedObject }) => nameIn(involvedObject) === name);
  if (event) server.put({ ...event, ...change });
}

const nameIn = (about: Json | undefined): Json | undefined => at(about, 'name');

describe('of a kind without a condition', () => {
  test.each([
    ['StatefulSet', statefulSet('db'), 'Create Pod db-0 in StatefulSet db failed error: pods "db-0" is '],
    ['DaemonSet', daemonSet('agent'), 'Error creating: pods "agent-x7k2p" is '],
    ['Job', job('once'), 'Error creating: pods "once-x7k2p" is '],
  ])('a %s is known by its Event, in its words', async (kind, of, frame) => {
    play(server, tell(of));
    const answer = await ask(of);
    expect(answer).toMatchObject({
      createFailures: [{ owner: { apiVersion: expect.any(String), kind }, lastTime: early }],
    });
    expect(answer.createFailures[0]?.message).toContain(
      `${frame}forbidden: violates PodSecurity "restricted:latest": `,
    );
    expect(answer).not.toHaveProperty('over');
    expect(answer).not.toHaveProperty('because');
  });

  test('a CronJob is known by those of its Jobs that still try, each for itself', async () => {
    const nightly = cronJob('nightly');
    play(
      server,
      tell(job('nightly-1').of(nightly)),
      tell(job('nightly-2').of(nightly), late),
      tell(job('other')),
    );
    expect(await refusedFor(nightly)).toEqual([`Job/nightly-2 ${late}`, `Job/nightly-1 ${early}`]);
    server.setStatus('Job', 'shop', 'nightly-1', { conditions: [{ type: 'Failed', status: 'True' }] });
    server.remove('Job', 'shop', 'nightly-2');
    expect(await ask(nightly)).toEqual(expect.objectContaining({ createFailures: [] }));
  });

  test('a CronJob with more Jobs than are looked at is known by the latest', async () => {
    const nightly = cronJob('nightly');
    for (let run = 10; run < 30; run += 1)
      play(server, tell(job(`nightly-${run}`).of(nightly), `2026-01-02T04:00:${run}Z`));
    const told = await refusedFor(nightly);
    expect(told).toHaveLength(10);
    expect(told[0]).toBe('Job/nightly-29 2026-01-02T04:00:29Z');
  });

  test('a suspended Job is none', async () => {
    play(server, tell(job('once')));
    const live = server.get('Job', 'shop', 'once');
    if (live) server.put({ ...live, spec: { suspend: true } });
    expect(await refusedFor(job('once'))).toEqual([]);
  });
});

describe('of several Events', () => {
  test('the newest of a controller decides, and one summed up counts like any other', async () => {
    const agent = daemonSet('agent');
    play(server, tell(agent));
    const [first] = server.list('Event', 'shop');
    if (!first) throw new Error('no Event');
    const message = `(combined from similar events): ${asText(first['message'])}`;
    server.put({
      ...first,
      metadata: { name: 'summed', namespace: 'shop' },
      message,
      reportingComponent: '',
      count: 8,
      lastTimestamp: late,
    });
    expect(await ask(agent)).toMatchObject({ createFailures: [{ lastTime: late, message }] });
  });

  test('one that says something else ends the refusal, also in the same second', async () => {
    const agent = daemonSet('agent');
    play(
      server,
      tell(agent),
      refused(agent).in('shop').because('forbidden: exceeded quota: pods=2').last(late),
    );
    expect(await ask(agent)).toMatchObject({ createFailures: [], over: true });
    const quota = server.list('Event', 'shop').find(({ message }) => asText(message).includes('quota'));
    if (quota) server.put({ ...quota, lastTimestamp: early });
    expect(await ask(agent)).toMatchObject({ createFailures: [], over: true });
  });

  test('one that tells of a pod that was created ends it, unless it is older', async () => {
    const db = statefulSet('db');
    play(server, tell(db, late));
    server.put(createdEvent(db, 'shop', early));
    expect(await refusedFor(db)).toEqual([`StatefulSet/db ${late}`]);
    server.put(createdEvent(db, 'shop', late));
    expect(await ask(db)).toMatchObject({ createFailures: [], over: true });
  });

  test('those of an earlier object of the same name, and of other workloads, belong to nobody', async () => {
    const db = statefulSet('db');
    play(server, tell(db), tell(statefulSet('other')), refused(db).in('lab'));
    alter(db, { involvedObject: { ...db.reference('shop'), namespace: 'shop', uid: 'u-of-the-one-before' } });
    expect(await ask(db)).toEqual(expect.objectContaining({ createFailures: [] }));
    expect(await refusedFor(statefulSet('other'))).toEqual([`StatefulSet/other ${early}`]);
  });

  test('those of a hundred other controllers do not push it out', async () => {
    for (let index = 0; index < 400; index += 1) play(server, tell(statefulSet(`a${index}`)));
    play(server, tell(statefulSet('db')));
    expect(await refusedFor(statefulSet('db'))).toEqual([`StatefulSet/db ${early}`]);
  });
});

describe('of a kind with a condition', () => {
  const gear = owner('example.com/v1', 'Widget', 'gear');
  const gearSet = replicaSet('gear-abc').of(deployment('gear').of(gear));

  test('the condition decides, and not the Events that outlive it', async () => {
    play(server, tell(gearSet), tell(replicationController('old').of(gear)));
    expect(await refusedFor(gear)).toEqual([
      'ReplicaSet/gear-abc condition',
      'ReplicationController/old condition',
    ]);
    server.setStatus('ReplicaSet', 'shop', 'gear-abc', { replicas: 1 });
    server.setStatus('ReplicationController', 'shop', 'old', { replicas: 1 });
    expect(await ask(gear)).toMatchObject({ createFailures: [], over: true });
  });

  test('a ReplicaSet that was superseded, and wants no pods, accuses nobody', async () => {
    play(server, tell(gearSet.replicas(0)));
    expect(await ask(gear)).toEqual(expect.objectContaining({ createFailures: [] }));
  });
});

describe('what cannot be read', () => {
  test('is said, and accuses nobody', async () => {
    play(server, tell(statefulSet('db')));
    server.inject(forbidden({ when: lists('events') }));
    expect(await ask(statefulSet('db'))).toMatchObject({ createFailures: [], because: 'forbidden' });
  });

  test('for a while is thrown, so that the question is asked again', async () => {
    play(server, tell(statefulSet('db')));
    server.inject(unavailable({ when: lists('events'), times: 100 }));
    await expect(ask(statefulSet('db'))).rejects.toMatchObject({ temporary: true });
  });

  test('of the controller itself leaves what its Event says', async () => {
    const gear = owner('example.com/v1', 'Widget', 'gear');
    play(server, tell(gear));
    server.inject(forbidden({ when: ({ resource }) => resource === 'widgets', times: 100 }));
    expect(await refusedFor(gear)).toEqual([`Widget/gear ${early}`]);
  });
});
