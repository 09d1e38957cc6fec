import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCluster } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { KubeError } from '../api/error.ts';
import { proxyFor } from './proxy.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Loads with an environment that knows nothing but the test's folder. */
async function load(options: ClusterOptions = {}): Promise<Cluster> {
  return await loadCluster({
    accountFolder: join(folder, 'none'),
    environment: { HOME: folder },
    ...options,
  });
}

async function failure(options: ClusterOptions): Promise<string> {
  const outcome = await load(options).then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  if (outcome instanceof KubeError) return outcome.message.replaceAll(folder, '');
  throw outcome;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function config(
  more: { server?: string; user?: string; cluster?: string; context?: string; name?: string } = {},
): string {
  const {
    server = 'https://a.example:6443',
    user = '{token: t}',
    cluster = '',
    context = '',
    name = 'one',
  } = more;
  return [
    'apiVersion: v1',
    `current-context: ${name}`,
    `clusters: [{name: c-${name}, cluster: {server: "${server}"${cluster}}}]`,
    `users: [{name: u-${name}, user: ${user}}]`,
    `contexts: [{name: ${name}, context: {cluster: c-${name}, user: u-${name}${context}}}]`,
  ].join('\n');
}

const bearer = (token: string): object => ({ authorization: `Bearer ${token}` });

describe('where the cluster is found', () => {
  test('in the file that is named, with its namespace, before anything else', async () => {
    const kubeconfig = await file('k', config({ context: ', namespace: shop' }));
    const cluster = await load({ kubeconfig, environment: { KUBECONFIG: '/nowhere' } });
    expect([cluster.server, cluster.namespace]).toEqual(['https://a.example:6443', 'shop']);
    expect((await cluster.authorize()).headers).toEqual(bearer('t'));
  });

  test('in KUBECONFIG, where the first file to name a thing wins and a missing one does not matter', async () => {
    const first = await file('a', config({ name: 'one' }));
    const second = await file('b', `${config({ name: 'two', server: 'https://b.example/prefix/' })}\n`);
    const environment = { KUBECONFIG: `${first}:${join(folder, 'missing')}:${second}` };
    expect((await load({ environment })).server).toBe('https://a.example:6443');
    expect((await load({ environment, context: 'two' })).server).toBe('https://b.example/prefix');
  });

  test('in the home folder, then in the account of the pod', async () => {
    const account = join(folder, 'account');
    await mkdir(account);
    await writeFile(join(account, 'token'), 'pod-token\n');
    await writeFile(join(account, 'ca.crt'), 'the ca');
    await writeFile(join(account, 'namespace'), 'ops\n');
    const environment = { HOME: folder, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const inPod = await load({ accountFolder: account, environment });
    expect([inPod.server, inPod.namespace]).toEqual(['https://[fd00::1]', 'ops']);
    expect(await inPod.authorize()).toEqual({ headers: bearer('pod-token'), tls: { ca: 'the ca' } });
    await mkdir(join(folder, '.kube'));
    await file('.kube/config', config());
    expect((await load({ accountFolder: account, environment })).server).toBe('https://a.example:6443');
  });

  test.each([
    [
      {},
      'No cluster is configured: KUBECONFIG is not set, /.kube/config does not exist, and this is not a pod with a service account',
    ],
    [{ kubeconfig: 'missing' }, 'Cannot read the kubeconfig file /missing: ENOENT'],
    [{ kubeconfig: 'k', context: 'nope' }, 'There is no context nope in /k; there are: one'],
    [{ kubeconfig: 'dangling' }, 'Context one names the cluster c-other, which is not in /dangling'],
    [{ kubeconfig: 'none' }, 'No current context is set in /none; name one with --context'],
    [{ kubeconfig: 'bad' }, '/bad is not a kubeconfig file: it is not YAML'],
    [{ kubeconfig: 'ftp' }, 'Context one has no usable server: ftp://x'],
    [{ kubeconfig: 'key' }, 'Cannot read the credentials in /gone.key: ENOENT'],
  ])('%j is one clear sentence', async (options: ClusterOptions, sentence) => {
    await file('k', config());
    await file('dangling', config().replace('cluster: c-one', 'cluster: c-other'));
    await file('none', 'apiVersion: v1');
    await file('bad', 'users: [{token: very-secret');
    await file('ftp', config({ server: 'ftp://x' }));
    await file('key', config({ user: '{client-key: gone.key}' }));
    const kubeconfig =
      options.kubeconfig === undefined ? {} : { kubeconfig: join(folder, options.kubeconfig) };
    expect(await failure({ ...options, ...kubeconfig })).toBe(sentence);
  });
});

describe('credentials', () => {
  test('certificates come from data or from files beside the kubeconfig', async () => {
    await file('ca.crt', 'file ca');
    const user = `{client-certificate-data: ${btoa('cert')}, client-key-data: ${btoa('key')}}`;
    const cluster = ', certificate-authority: ca.crt, tls-server-name: other.example';
    const kubeconfig = await file('k', config({ user, cluster }));
    expect(await (await load({ kubeconfig })).authorize()).toEqual({
      headers: {},
      tls: { ca: 'file ca', cert: 'cert', key: 'key', servername: 'other.example' },
    });
  });

  test('no verification only where the file says so; passwords and impersonation as headers', async () => {
    const kubeconfig = await file(
      'k',
      config({ user: '{username: u, password: p, as: other}', cluster: ', insecure-skip-tls-verify: true' }),
    );
    expect(await (await load({ kubeconfig })).authorize()).toEqual({
      headers: { authorization: `Basic ${btoa('u:p')}`, 'impersonate-user': 'other' },
      tls: { rejectUnauthorized: false },
    });
  });

  test('a token file that changed is read at once when it is asked for fresh', async () => {
    const path = await file('token', 'first');
    const cluster = await load({ kubeconfig: await file('k', config({ user: `{tokenFile: ${path}}` })) });
    expect((await cluster.authorize()).headers).toEqual(bearer('first'));
    await writeFile(path, 'second');
    expect((await cluster.authorize({ fresh: true })).headers).toEqual(bearer('second'));
    expect((await cluster.authorize()).headers).toEqual(bearer('second'));
  });

  test('a plugin is run for its token, with the version of the protocol, and again when fresh ones are wanted', async () => {
    const script = await file(
      'plugin.sh',
      `n=$(cat ${folder}/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${folder}/n
       case "$KUBERNETES_EXEC_INFO" in *v1beta9*) ;; *) exit 1;; esac
       echo '{"kind":"ExecCredential","status":{"token":"t'$n'"}}'`,
    );
    const user = `{exec: {apiVersion: client.authentication.k8s.io/v1beta9, command: sh, args: [${script}]}}`;
    const cluster = await load({ kubeconfig: await file('k', config({ user })) });
    const tokens = [
      await cluster.authorize(),
      await cluster.authorize(),
      await cluster.authorize({ fresh: true }),
    ];
    expect(tokens.map(({ headers }) => headers)).toEqual([bearer('t1'), bearer('t1'), bearer('t2')]);
  });

  test('a plugin that fails is named, and a token in what it printed is not repeated', async () => {
    const token = 'abcdefghijklmnopqrstuvwxyz0123456789';
    const script = await file('plugin.sh', `echo "login first, ${token}" >&2; exit 3`);
    const user = `{exec: {apiVersion: v1, command: sh, args: [${script}]}}`;
    const cluster = await load({ kubeconfig: await file('k', config({ user })) });
    const outcome = await cluster.authorize().catch((error: unknown) => String(error));
    expect(outcome).toBe('KubeError: The plugin sh gave no credentials: login first, …');
  });
});

describe('proxies', () => {
  test('proxy-url of the cluster comes before the environment', async () => {
    const kubeconfig = await file('k', config({ cluster: ', proxy-url: "http://p:1"' }));
    const environment = { HTTPS_PROXY: 'http://q:2' };
    expect((await load({ kubeconfig, environment })).proxyUrl).toBe('http://p:1');
    const without = await file('w', config());
    expect((await load({ kubeconfig: without, environment })).proxyUrl).toBe('http://q:2');
  });

  test.each([
    ['https://a.example', {}, undefined],
    ['https://a.example', { HTTPS_PROXY: 'p:1' }, 'http://p:1'],
    ['https://a.example', { https_proxy: 'http://p:1' }, 'http://p:1'],
    ['https://a.example', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://a.example', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://127.0.0.1:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://[::1]:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'b, .example' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'xample' }, 'http://p:1'],
    ['https://10.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, undefined],
    ['https://11.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, 'http://p:1'],
    ['https://[fd00::5]', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::/8' }, undefined],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/99,x/y' }, 'http://p:1'],
  ])('%s with %j goes through %s', (server, environment, expected) => {
    expect(proxyFor(new URL(server), environment)).toBe(expected);
  });
});
