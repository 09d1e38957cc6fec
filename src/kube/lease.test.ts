import { objectAt, textOf } from '../engine/platform/data/field.ts';
import { afterEach, describe, expect, test } from '@jest/globals';
import { KubeClient } from './api/client.ts';
import { Lease } from './lease.ts';
import { say, startServer, statusObject, until } from '../../test/kube/scripted-server.ts';
import type { ScriptedServer } from '../../test/kube/scripted-server.ts';
import { Transport } from './api/transport.ts';

type Record = { spec: { [field: string]: unknown }; version: number };

const open: Transport[] = [];
const stops: AbortController[] = [];

type LeaseOptions = ConstructorParameters<typeof Lease>[0];

function competitor(server: ScriptedServer, identity: string, options: Partial<LeaseOptions> = {}): Lease {
  const transport = new Transport(server.cluster);
  open.push(transport);
  const client = new KubeClient(transport);
  return new Lease({ client, namespace: 'ns', name: 'leader', identity, retrySeconds: 0.01, ...options });
}

function signal(): AbortController {
  const stop = new AbortController();
  stops.push(stop);
  return stop;
}

afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

/** A server that keeps one Lease, with optimistic concurrency; `record` is what it holds. */
async function leaseServer(record: { current?: Record } = {}): Promise<ScriptedServer> {
  return await startServer((asked, response) => {
    const { metadata, spec } = objectAt(asked.body);
    const { current } = record;
    const answer = (kept: Record): void => {
      record.current = kept;
      say(response, 200, { metadata: { resourceVersion: String(kept.version) }, spec: kept.spec });
    };
    if (asked.method === 'POST') {
      if (current) say(response, 409, statusObject(409, 'exists'));
      else answer({ spec: objectAt(spec), version: 1 });
    } else if (!current) {
      say(response, 404, statusObject(404, 'none'));
    } else if (asked.method === 'GET') {
      answer(current);
    } else if (textOf(objectAt(metadata)['resourceVersion']) === String(current.version)) {
      answer({ spec: { ...current.spec, ...objectAt(spec) }, version: current.version + 1 });
    } else {
      say(response, 409, statusObject(409, 'conflict'));
    }
  });
}

describe('a lease', () => {
  test('is led by the first to come, and by the next as soon as it is given up', async () => {
    const record: { current?: Record } = {};
    await using server = await leaseServer(record);
    const [a, b] = [competitor(server, 'a'), competitor(server, 'b')];
    await a.acquire(signal().signal);
    expect(record.current?.spec).toMatchObject({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    let isLed = false;
    const second = b.acquire(signal().signal).then(() => (isLed = true));
    const before = server.asked.length;
    await until(() => server.asked.length > before + 3);
    expect([isLed, record.current?.spec['holderIdentity']]).toEqual([false, 'a']);
    await a.release();
    await second;
    expect(record.current?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('is taken over only after it stood still for as long as promised, by the own clock of who waits', async () => {
    let nowMs = 0;
    const spec = {
      holderIdentity: 'dead',
      leaseDurationSeconds: 15,
      renewTime: '2001-01-01T00:00:00.000000Z',
    };
    const record: { current?: Record } = { current: { spec, version: 1 } };
    await using server = await leaseServer(record);
    const lease = competitor(server, 'b', { now: () => nowMs });
    const led = lease.acquire(signal().signal);
    await until(() => server.asked.length > 2);
    nowMs = 14_000;
    // A renewal starts the time again, whatever its clock says.
    record.current = { spec: { ...spec, renewTime: '1999-01-01T00:00:00.000000Z' }, version: 2 };
    const seen = server.asked.length;
    await until(() => server.asked.length > seen + 2);
    nowMs = 28_000;
    const again = server.asked.length;
    await until(() => server.asked.length > again + 2);
    expect(record.current.spec['holderIdentity']).toBe('dead');
    nowMs = 30_000;
    await led;
    expect(record.current.spec['holderIdentity']).toBe('b');
  });

  test('is renewed while it is held', async () => {
    const record: { current?: Record } = {};
    await using server = await leaseServer(record);
    const lease = competitor(server, 'a', { renewSeconds: 0.01 });
    await lease.acquire(signal().signal);
    const stop = signal();
    const held = lease.hold(stop.signal);
    await until(() => (record.current?.version ?? 0) > 4);
    stop.abort();
    await held;
    await lease.release();
    expect(record.current?.spec['holderIdentity']).toBe('');
  });

  test('is lost to another who has it, at once', async () => {
    const record: { current?: Record } = {};
    await using server = await leaseServer(record);
    const lease = competitor(server, 'a', { renewSeconds: 0.01 });
    await lease.acquire(signal().signal);
    const held = lease.hold(signal().signal);
    record.current = { spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 }, version: 99 };
    await held;
    await lease.release();
    expect(record.current.spec['holderIdentity']).toBe('thief');
  });

  test('is given up when it cannot be renewed in two thirds of its time', async () => {
    let nowMs = 0;
    let isDown = false;
    const troubles: string[] = [];
    const record: { current?: Record } = {};
    await using server = await leaseServer(record);
    const transport = new Transport({
      ...server.cluster,
      authorize: async () => {
        if (isDown) throw new TypeError('down');
        return { headers: {}, tls: {} };
      },
    });
    open.push(transport);
    const lease = competitor(server, 'a', {
      client: new KubeClient(transport),
      now: () => nowMs,
      renewSeconds: 0.01,
      onTrouble: (error) => troubles.push(error.code),
    });
    await lease.acquire(signal().signal);
    isDown = true;
    let isHeld = true;
    const held = lease.hold(signal().signal).then(() => (isHeld = false));
    nowMs = 9_000;
    await until(() => troubles.length > 1);
    expect(isHeld).toBe(true);
    nowMs = 10_001;
    await held;
    expect(isHeld).toBe(false);
  });

  test('that changed without changing hands is kept', async () => {
    const record: { current?: Record } = {};
    await using server = await leaseServer(record);
    const lease = competitor(server, 'a', { renewSeconds: 0.01 });
    await lease.acquire(signal().signal);
    // As after an answer that was lost: the server has a newer version than we know, and it is ours.
    if (record.current) record.current.version = 50;
    let isHeld = true;
    void lease.hold(signal().signal).then(() => (isHeld = false));
    await until(() => (record.current?.version ?? 0) > 52);
    expect(isHeld).toBe(true);
  });

  test('that names our own identity is awaited like that of any other: two processes may share a name', async () => {
    let nowMs = 0;
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 3 };
    const record: { current?: Record } = { current: { spec, version: 1 } };
    await using server = await leaseServer(record);
    const led = competitor(server, 'a', { now: () => nowMs }).acquire(signal().signal);
    await until(() => server.asked.length > 2);
    expect(record.current?.version).toBe(1);
    nowMs = 15_000;
    await led;
    expect(record.current).toMatchObject({ version: 2, spec: { leaseTransitions: 4 } });
  });

  test('that may not be read is retried, and says why until it may', async () => {
    let isRefused = true;
    const other = { metadata: { resourceVersion: '1' }, spec: { holderIdentity: 'b' } };
    await using server = await startServer((_asked, response) =>
      isRefused ? say(response, 403, statusObject(403, 'leases is forbidden')) : say(response, 200, other),
    );
    const lease = competitor(server, 'a');
    const waiting = lease.acquire(signal().signal);
    await until(() => lease.trouble !== undefined);
    expect(lease.trouble).toBe(
      'get /apis/coordination.k8s.io/v1/namespaces/ns/leases/leader failed with 403: leases is forbidden',
    );
    isRefused = false;
    await until(() => lease.trouble === undefined);
    for (const stop of stops) stop.abort();
    await waiting;
  });

  test('that another takes first is no trouble', async () => {
    const free = { metadata: { resourceVersion: '1' }, spec: { holderIdentity: '' } };
    await using server = await startServer(({ method }, response) =>
      method === 'GET' ? say(response, 200, free) : say(response, 409, statusObject(409, 'modified')),
    );
    const troubles: string[] = [];
    const lease = competitor(server, 'a', { onTrouble: ({ code }) => troubles.push(code) });
    const waiting = lease.acquire(signal().signal);
    await until(() => server.asked.length > 4);
    for (const stop of stops) stop.abort();
    await waiting;
    expect([lease.trouble, troubles]).toEqual([undefined, []]);
  });

  test('is no longer awaited when the signal fires', async () => {
    const record = { current: { spec: { holderIdentity: 'b', leaseDurationSeconds: 15 }, version: 1 } };
    await using server = await leaseServer(record);
    const stop = signal();
    const waiting = competitor(server, 'a').acquire(stop.signal);
    await until(() => server.asked.length > 1);
    stop.abort();
    await waiting;
    expect(record.current.spec.holderIdentity).toBe('b');
  });
});
