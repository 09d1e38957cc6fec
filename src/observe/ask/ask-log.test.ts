import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ApiError } from '../../../test/apiserver/api-error.ts';
import { ApiServer } from '../../../test/apiserver/api-server.ts';
import { brokenConnection, internalError } from '../../../test/apiserver/faults.ts';
import type { ApiRequest } from '../../../test/apiserver/request.ts';
import { crashLoopBackOff, play, pod } from '../../../test/apiserver/story.ts';
import { KubeClient } from '../../kube/api/client.ts';
import { say, startServer } from '../../../test/kube/scripted-server.ts';
import { Transport } from '../../kube/api/transport.ts';
import type { LogQuestion } from '../../engine/model/question.ts';
import { AccessReviews } from '../access-reviews.ts';
import type { LogMeans, LogTail } from './ask-log.ts';
import { readLogTail } from './ask-log.ts';

const never = new AbortController().signal;

let server: ApiServer;
let transport: Transport;
let means: LogMeans;

beforeEach(async () => {
  server = new ApiServer();
  const { url } = await server.start();
  const authorize = async () => ({ headers: {}, tls: {} });
  transport = new Transport({ server: url, namespace: 'default', authorize }, { timeoutMs: 5000 });
  means = meansOf(transport);
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

function meansOf(by: Transport): LogMeans {
  const client = new KubeClient(by);
  return { client, access: new AccessReviews(client, () => 0), isOn: true };
}

const web = pod('web-1').in('shop').container('app').crashed('app', 1, crashLoopBackOff());

/** About `web-1` as the server has it now. */
function asking(change: Partial<LogQuestion> = {}): LogQuestion {
  const podUid = server.get('Pod', 'shop', 'web-1')?.metadata.uid ?? 'none';
  const about = { namespace: 'shop', pod: 'web-1', podUid, container: 'app', previous: true };
  return { ask: 'log', ...about, hints: { uid: 10_001, volumeMounts: [] }, ...change };
}

const read = (change: Partial<LogQuestion> = {}): Promise<LogTail> =>
  readLogTail(asking(change), means, never);

const isLog = ({ subresource }: ApiRequest): boolean => subresource === 'log';
const logRequests = () => server.requests().filter(isLog);

function refuses(code: number, reason: string, message: string): void {
  server.inject({ name: reason, when: isLog, times: 1, refusal: new ApiError(code, reason, message) });
}

describe('the log of a container that has ended', () => {
  test('is read from its end, within bounds that the request names', async () => {
    play(server, web);
    server.setLog('shop', 'web-1', 'app', `${'line\n'.repeat(100)}the last words\n`);
    expect(await read()).toEqual({ is: 'read', text: `${'line\n'.repeat(59)}the last words\n` });
    expect(logRequests().map(({ path, parameters }) => [path, parameters])).toEqual([
      [
        '/api/v1/namespaces/shop/pods/web-1/log',
        { container: 'app', previous: 'true', tailLines: '60', limitBytes: '16384' },
      ],
    ]);
  });

  test('comes without secrets', async () => {
    play(server, web);
    server.setLog('shop', 'web-1', 'app', 'DB_PASSWORD=hunter2-of-all\nmkdir: /data: Permission denied\n');
    const tail = await read();
    expect(tail).toMatchObject({ text: expect.stringContaining('mkdir: /data: Permission denied') });
    expect(JSON.stringify(tail)).not.toContain('hunter2');
  });

  test('may hold bytes that are no UTF-8', async () => {
    play(server, web);
    server.setLog('shop', 'web-1', 'app', Buffer.from([0x61, 0xff, 0x62, 0x0a]));
    expect(await read()).toEqual({ is: 'read', text: 'a\uFFFDb\n' });
  });

  test('of long lines is read once more at its very end, and no line is taken in half', async () => {
    play(server, web);
    const long = Array.from({ length: 59 }, (_none, at) => `${at} ${'x '.repeat(400)}\n`).join('');
    server.setLog('shop', 'web-1', 'app', `${long}/data: Permission denied\n`);
    const tail = await read();
    const lines = tail.is === 'read' ? tail.text.split('\n') : [];
    expect(lines.at(-2)).toBe('/data: Permission denied');
    expect(lines.slice(0, -2).every((line) => /^\d+ (x )+$/.test(line))).toBe(true);
    expect(logRequests().map(({ parameters }) => parameters['tailLines'])).toEqual(['60', '8']);
  });

  test('is as long as its bound, though the server sends ten megabytes', async () => {
    const endings: Promise<boolean>[] = [];
    await using endless = await startServer(({ method }, response) => {
      if (method === 'POST') return say(response, 201, { status: { allowed: true } });
      endings.push(once(response, 'close').then(() => response.writableFinished));
      const block = 'x'.repeat(1023).concat('\n').repeat(1024);
      for (let megabytes = 0; megabytes < 10; megabytes += 1) response.write(block);
      response.end();
    });
    const by = new Transport(endless.cluster);
    const tail = await readLogTail(asking(), meansOf(by), never);
    await by.close();
    expect(tail.is === 'read' && tail.text.length).toBeLessThanOrEqual(2 * 16_384);
    expect(endless.asked.map(({ query }) => query['limitBytes'])).toEqual([undefined, '16384', '16384']);
    expect(await Promise.all(endings)).toEqual([false, false]);
  });
});

describe('where the log is gone', () => {
  const state = (name: string, message?: string) => ({
    [name]: { terminated: { exitCode: 1, reason: 'Error', ...(message !== undefined && { message }) } },
  });

  /** A pod with one container, as the API server has it. */
  function has(terminationMessagePolicy: string, status: object): void {
    const containers = [{ name: 'app', terminationMessagePolicy }];
    const containerStatuses = [{ name: 'app', restartCount: 3, ...status }];
    server.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'shop' },
      spec: { nodeName: 'node-1', containers },
      status: JSON.parse(JSON.stringify({ containerStatuses })),
    });
  }

  test('the status may have its end, if the pod asks for that, and without secrets', async () => {
    has('FallbackToLogsOnError', {
      state: {},
      ...state('lastState', 'token=abc-def\n/data: Permission denied'),
    });
    const tail = await read();
    expect(tail).toEqual({
      is: 'read',
      text: expect.stringMatching(/\[redacted.*\n\/data: Permission denied$/),
    });
    has('FallbackToLogsOnError', { ...state('state', 'newest'), ...state('lastState', 'older') });
    expect(await read()).toEqual({ is: 'read', text: 'newest' });
  });

  test('what an application leaves in the status by itself is not read', async () => {
    has('File', { state: {}, ...state('lastState', 'our own words') });
    expect(await read()).toEqual({ is: 'unread', because: 'its log is no longer there' });
  });

  test('since it has ended once more, the log of that end is read', async () => {
    has('File', { ...state('state'), ...state('lastState') });
    server.setLog('shop', 'web-1', 'app', 'the newest words\n');
    expect(await read()).toEqual({ is: 'read', text: 'the newest words\n' });
    expect(logRequests().map(({ parameters }) => parameters['previous'])).toEqual(['true', 'false']);
  });

  test('and another pod has the name now, nothing of that one is taken', async () => {
    has('FallbackToLogsOnError', { state: {}, ...state('lastState', 'words of another') });
    expect(await read({ podUid: 'the-one-before' })).toMatchObject({ is: 'unread' });
  });

  test('with its pod, or was never there, it is said', async () => {
    const none = { is: 'unread', because: 'its log is no longer there' };
    expect(await read()).toEqual(none);
    has('File', { state: { waiting: { reason: 'ImagePullBackOff' } }, lastState: {} });
    expect(await read()).toEqual(none);
    expect(await read({ previous: false })).toEqual(none);
    expect(await read({ container: 'other' })).toEqual(none);
  });
});

describe('without the right, or the will', () => {
  test('not one log is asked for, and the account hears what would allow it', async () => {
    play(server, web);
    const asked: unknown[] = [];
    server.answerAccessReviews((attributes) => {
      asked.push(attributes);
      return false;
    });
    const because = 'this account may not read logs in shop: manifests/options/logs allows it';
    expect([await read(), await read()]).toEqual([
      { is: 'notAllowed', because },
      { is: 'notAllowed', because },
    ]);
    expect(asked).toEqual([
      { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'shop' },
    ]);
    expect(server.requests().map(({ resource }) => resource)).toEqual(['selfsubjectaccessreviews']);
  });

  test('not even the right is asked about where it is switched off', async () => {
    play(server, web);
    means = { ...means, isOn: false };
    expect(await read()).toEqual({
      is: 'notAllowed',
      because: 'not read; enable with --read-logs=yes',
    });
    expect(server.requests()).toEqual([]);
  });
});

describe('trouble', () => {
  test('that passes is thrown, and accuses nobody', async () => {
    play(server, web);
    server.inject(internalError({ when: isLog }));
    await expect(read()).rejects.toMatchObject({ code: 'serverError', temporary: true });
    server.inject(brokenConnection({ when: isLog }));
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
    expect(logRequests()).toHaveLength(2);
  });

  test('that stays is an answer, in printable words', async () => {
    play(server, web);
    refuses(403, 'Forbidden', 'the node\u001b[2J says no');
    expect(await read()).toEqual({ is: 'unread', because: 'the node [2J says no' });
  });

  test('that lasts too long ends, unless the asker left before', async () => {
    play(server, web);
    const silence = { name: 'silence', when: isLog, times: 2 };
    server.inject({ ...silence, through: (sink) => ({ ...sink, head() {}, write() {}, end() {} }) });
    means = { ...means, limitMs: 200 };
    await expect(read()).rejects.toMatchObject({ code: 'timeout', temporary: true });
    await expect(readLogTail(asking(), means, AbortSignal.abort())).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});
