// The whole operator, an API server and a registry: the right number, from the image that the node has.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import type { ImageFacts } from '../src/engine/model/finding.ts';
import { ApiServer } from './apiserver/api-server.ts';
import type { KubeObject } from './apiserver/object.ts';
import {
  deployment,
  imageRunsAsRoot,
  nonNumericUser,
  play,
  pod,
  replicaSet,
  runAsUserIsRoot,
} from './apiserver/story.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';
import type { BuiltImage } from './registry/image.ts';
import { image, layer } from './registry/image.ts';
import { RegistryServer } from './registry/registry-server.ts';
import { wantsPassword } from './registry/stories.ts';

let server: ApiServer;
let registry: RegistryServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;

beforeEach(async () => {
  server = new ApiServer();
  ({ kubeconfig } = await server.start());
  registry = await new RegistryServer().listen();
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await registry.close();
  await server.stop();
});

const passwd = (uid: number): string =>
  `root:x:0:0:root:/root:/bin/sh\nappuser:x:${uid}:20001:app:/srv:/bin/sh\n`;

function built(uid = 10001, user = 'appuser'): BuiltImage {
  return image([layer([{ name: 'etc/passwd', content: passwd(uid) }])], { user });
}

const shared = (): string => `${registry.host}/web`;

/** A node that has pulled the image under its tag. */
function nodeHas(found: BuiltImage, node = 'node-1', repository = shared()): void {
  const names = [`${repository}@${found.manifest.digest}`, `${repository}:1`];
  const nodeInfo = { operatingSystem: 'linux', architecture: 'amd64' };
  const status = { nodeInfo, images: [{ names, sizeBytes: 1 }] };
  server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, status });
}

function broken(name = 'web-1', node = 'node-1') {
  return pod(name)
    .in('shop')
    .on(node)
    .of(replicaSet('web-abc').of(deployment('web')))
    .container('app', { image: `${shared()}:1` })
    .waiting('app', nonNumericUser('appuser'));
}

const statusOf = (): DiagnosisStatus | undefined =>
  server.get('Diagnosis', 'shop', 'deployment-web')?.['status'] as DiagnosisStatus | undefined;
const imageOf = (): ImageFacts | undefined => statusOf()?.findings[0]?.image;
const isSettled = (): boolean => ![undefined, 'the image is being read'].includes(imageOf()?.detail);

const blobsAsked = (): number => registry.asked.filter(({ path }) => path.includes('/blobs/')).length;
const diagnosisWrites = (): number =>
  server.requests().filter(({ verb, resource }) => verb === 'patch' && resource === 'diagnoses').length;

async function run(
  changes: Partial<OperatorOptions['images']> = {},
  resyncSeconds = 60,
): Promise<RunningOperator> {
  const images = { inspect: true, registries: [], bytesPerMinute: 0, pullSecrets: false, ...changes };
  operator = await startOperator(kubeconfig, { images, resyncSeconds });
  return operator;
}

test('the uid stands in the Diagnosis, with its evidence and a patch, after no more than four writes', async () => {
  const found = built();
  registry.push('web', '1', found);
  nodeHas(found);
  play(server, broken());
  await run();
  await until('the image is read', isSettled);
  expect(imageOf()).toMatchObject({
    user: 'appuser',
    uid: 10001,
    gid: 20001,
    digest: found.manifest.digest,
    digestFrom: 'node',
    resolution: 'Resolved',
  });
  expect(imageOf()?.detail).toMatch(
    /^etc\/passwd line 2 of layer sha256:[0-9a-f]{64} says appuser is 10001:20001/,
  );
  expect(statusOf()?.fix).toMatchObject({ type: 'WorkloadPatch', summary: 'runAsUser 10001' });
  expect(statusOf()?.conditions.find(({ type }) => type === 'ImageInspected')).toMatchObject({
    status: 'True',
  });
  expect(diagnosisWrites()).toBeLessThanOrEqual(4);
});

test('a fix is counted once, and not before its image is read and its dry run is answered', async () => {
  const found = built();
  registry.push('web', '1', found);
  nodeHas(found);
  play(server, broken());
  const { metrics } = await run();
  const counted = async (): Promise<readonly string[]> =>
    [...(await metrics())].flatMap(([name, value]) =>
      name.startsWith('rootcause_fixes_total{') ? `${name} ${value}` : [],
    );
  await until('it is counted', async () => (await counted()).length > 0);
  expect(await counted()).toEqual(['rootcause_fixes_total{mode="shown",outcome="TestFirst"} 1']);
  expect(statusOf()?.fix?.certainty).toBe('TestFirst');
});

test('the image that counts is the one that the node pulled, not what the tag means by now', async () => {
  const old = built(10001);
  registry.push('web', 'old', old);
  registry.push('web', '1', built(999));
  nodeHas(old);
  play(server, broken());
  await run();
  await until('the image is read', isSettled);
  expect(imageOf()?.uid).toBe(10001);
  expect(imageOf()?.detail).toContain('the tag has moved since');
});

test('nodes that have different images under one name give no number', async () => {
  const [one, other] = [built(10001), built(999)];
  registry.push('web', 'old', one);
  registry.push('web', '1', other);
  nodeHas(one, 'node-1');
  nodeHas(other, 'node-2');
  play(server, broken('web-1', 'node-1'), broken('web-2', 'node-2'));
  await run();
  await until('both are read', () => imageOf()?.detail?.includes('different images') ?? false);
  expect(imageOf()).not.toHaveProperty('uid');
  expect(statusOf()?.fix).not.toHaveProperty('patch');
});

test('a name that the image does not have gives no number', async () => {
  const found = built(10001, 'ghost');
  registry.push('web', '1', found);
  nodeHas(found);
  play(
    server,
    pod('web-1')
      .in('shop')
      .on('node-1')
      .of(deployment('web'))
      .container('app', { image: `${shared()}:1` })
      .waiting('app', nonNumericUser('ghost')),
  );
  await run();
  await until('the image is read', isSettled);
  expect(imageOf()).toMatchObject({ resolution: 'NotInImage', user: 'ghost' });
  expect(imageOf()).not.toHaveProperty('uid');
});

test('one image is read once, for however many workloads, and not again after a restart', async () => {
  const found = built();
  registry.push('web', '1', found);
  nodeHas(found);
  for (let index = 0; index < 5; index += 1) {
    const story = pod(`w${index}-1`)
      .in('shop')
      .on('node-1')
      .of(deployment(`w${index}`));
    play(
      server,
      story.container('app', { image: `${shared()}:1` }).waiting('app', nonNumericUser('appuser')),
    );
  }
  const first = await run();
  const uidsOf = () =>
    server
      .list('Diagnosis')
      .map((each) => (each['status'] as DiagnosisStatus | undefined)?.findings[0]?.image.uid);
  await until('all are read', () => uidsOf().filter((uid) => uid === 10001).length === 5);
  expect(blobsAsked()).toBe(2);
  await first.stop();
  registry.asked.length = 0;
  server.clearRequests();
  const { metrics } = await run();
  await until(
    'all were looked at',
    async () => ((await metrics()).get('rootcause_reconciles_total{outcome="unchanged"}') ?? 0) >= 5,
  );
  expect(registry.asked).toEqual([]);
  expect(diagnosisWrites()).toBe(0);
});

const asRoot = (name = 'web-1') =>
  pod(name)
    .in('shop')
    .on('node-1')
    .of(replicaSet('web-abc').of(deployment('web')))
    .container('app', { image: `${shared()}:1` })
    .waiting('app', imageRunsAsRoot());

const program = { content: '\u007FELF', mode: 0o755 };

function builtAsRoot(): BuiltImage {
  const files = [
    { name: 'etc/passwd', content: `${passwd(10001)}redis:x:999:998::/:/bin/sh\n` },
    { name: 'etc/group', content: 'root:x:0:\n' },
    { name: 'usr/lib/os-release', content: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' },
    ...['bin/sh', 'usr/sbin/useradd', 'usr/sbin/groupadd'].map((name) => ({ name, ...program })),
  ];
  const entrypoint = [{ name: 'entrypoint.sh', content: '#!/bin/sh\nexec gosu redis "$@"\n', mode: 0o755 }];
  const config = { Entrypoint: ['/entrypoint.sh'], Volumes: { '/data': {} } };
  return image([layer(files), layer(entrypoint)], { user: '', config });
}

test('of an image that runs as root, what would cure it is read once, and kept over a restart', async () => {
  const found = builtAsRoot();
  registry.push('web', '1', found);
  nodeHas(found);
  play(server, asRoot());
  const first = await run();
  await until('the image is read', isSettled);
  expect(imageOf()).toMatchObject({
    user: '',
    uid: 0,
    resolution: 'Resolved',
    volumes: ['/data'],
    base: { name: 'Debian GNU/Linux 12 (bookworm)', makesUsersWith: 'useradd', freeId: 10002 },
    droppedUser: { name: 'redis', uid: 999, gid: 998 },
  });
  expect(blobsAsked()).toBe(3);
  await first.stop();
  registry.asked.length = 0;
  server.clearRequests();
  const { metrics } = await run();
  await until(
    'it was looked at',
    async () => ((await metrics()).get('rootcause_reconciles_total{outcome="unchanged"}') ?? 0) >= 1,
  );
  expect(registry.asked).toEqual([]);
  expect(diagnosisWrites()).toBe(0);
});

test('of an image that runs as root, what the config says stands although its layers are damaged', async () => {
  const whole = builtAsRoot();
  const damaged = {
    ...whole,
    layers: whole.layers.map((each) => ({ ...each, bytes: Buffer.from('no tar') })),
  };
  registry.push('web', '1', damaged);
  nodeHas(damaged);
  play(server, asRoot());
  await run();
  await until('the image is read', isSettled);
  expect(imageOf()).toMatchObject({ user: '', uid: 0, resolution: 'Resolved', volumes: ['/data'] });
  expect(imageOf()).not.toHaveProperty('base');
});

test('a number is read as well, for what may go wrong once root is gone', async () => {
  const found = built(10001, '10002');
  registry.push('web', '1', found);
  nodeHas(found);
  const story = pod('web-1')
    .in('shop')
    .on('node-1')
    .of(deployment('web'))
    .securityContext({ runAsNonRoot: true, runAsUser: 0 });
  play(server, story.container('app', { image: `${shared()}:1` }).waiting('app', runAsUserIsRoot()));
  await run();
  await until('the image is read', isSettled);
  expect(imageOf()).toMatchObject({ uid: 10002, resolution: 'Resolved' });
  expect(blobsAsked()).toBe(2);
  expect(statusOf()?.findings[0]?.risks).toContainEqual({
    code: 'NoPasswdEntry',
    detail: expect.stringContaining('10002'),
  });
  expect(statusOf()?.fix?.summary).toBe('remove runAsUser 0 from the pod');
});

describe('what cannot be read is said, and the Diagnosis is there all the same', () => {
  /** The kubelet has not come to the image of now: its status still names another. */
  function playReplaced(): void {
    play(server, broken());
    const status = JSON.stringify(server.get('Pod', 'shop', 'web-1')?.['status']);
    const other = JSON.parse(status.replaceAll(shared(), 'registry.example/web')) as object;
    server.put({ ...server.get('Pod', 'shop', 'web-1'), status: other } as KubeObject);
  }

  test('a registry that neither a node nor the pod has an image of is not asked', async () => {
    registry.push('web', '1', built());
    nodeHas(built(), 'node-1', 'registry.example/web');
    playReplaced();
    await run();
    await until('it is said', isSettled);
    expect(imageOf()).toMatchObject({ resolution: 'NotAttempted' });
    expect(imageOf()?.detail).toContain('--registries=');
    expect(statusOf()?.fix?.summary).toBe(`${registry.host} is not known: see --registries`);
    expect(registry.asked).toEqual([]);
  });

  test.each([
    ['it is listed', playReplaced, true],
    [
      'the pod shows that its node has pulled the image, whatever the node reports yet',
      () => play(server, broken()),
      false,
    ],
  ])('where %s, the tag is read as it is now', async (_why, start, isListed) => {
    registry.push('web', '1', built());
    nodeHas(built(), 'node-1', 'registry.example/web');
    start();
    await run({ registries: isListed ? [registry.host] : [] });
    await until('the image is read', isSettled);
    expect(imageOf()).toMatchObject({ uid: 10001, digestFrom: 'registry' });
  });

  test.each([401, 403, 404, 500])(
    'a registry that answers %d',
    async (code) => {
      registry.play(({ response }) => {
        response.writeHead(code);
        response.end();
        return true;
      });
      nodeHas(built());
      play(server, broken());
      await run();
      await until('it is said', isSettled);
      expect(imageOf()).toMatchObject({ resolution: 'Unreadable' });
      expect(imageOf()?.detail).toContain(registry.host);
      expect(imageOf()).not.toHaveProperty('uid');
      expect(statusOf()?.fix).toMatchObject({
        type: 'ImageChange',
        certainty: 'Template',
        summary: expect.stringMatching(`^cannot read ${registry.host} \\(`),
      });
    },
    60_000,
  );

  test('a registry that is out of reach is said once, whatever is reconciled and whatever the node reports meanwhile', async () => {
    const down = shared();
    play(server, broken());
    await registry.close();
    await run({}, 1);
    await until('it is said', isSettled);
    const said = imageOf();
    expect(said).toMatchObject({ resolution: 'Unreadable', trouble: expect.stringContaining('unreachable') });
    const writes = diagnosisWrites();
    const podReads = (): number => server.requests().filter(({ resource }) => resource === 'pods').length;
    const before = podReads();
    await until('it is reconciled again', () => podReads() > before + 3);
    expect(diagnosisWrites()).toBe(writes);
    nodeHas(built(), 'node-1', down);
    await until('the digest is said', () => imageOf()?.digest !== undefined);
    expect(imageOf()).toMatchObject({ ...said, digest: expect.anything(), digestFrom: 'node' });
    expect(diagnosisWrites()).toBe(writes + 1);
    registry = await new RegistryServer().listen();
  }, 60_000);

  test('a switch turns all of it off', async () => {
    registry.push('web', '1', built());
    nodeHas(built());
    play(server, broken());
    await run({ inspect: false });
    await until('it is said', isSettled);
    expect(imageOf()?.detail).toContain('--inspect-images');
    expect(registry.asked).toEqual([]);
  });
});

describe('a private image that two namespaces name', () => {
  const deployed = (namespace: string) =>
    pod('web-1')
      .in(namespace)
      .on('node-1')
      .of(replicaSet('web-abc').of(deployment('web')))
      .container('app', { image: `${shared()}:1` })
      .waiting('app', nonNumericUser('appuser'));
  const imageIn = (namespace: string): ImageFacts | undefined =>
    (server.get('Diagnosis', namespace, 'deployment-web')?.['status'] as DiagnosisStatus | undefined)
      ?.findings[0]?.image;
  const isSaid = (namespace: string) => () =>
    ![undefined, 'the image is being read'].includes(imageIn(namespace)?.detail);

  function putSecret(): void {
    const auths = { [registry.host]: { username: 'bank', password: 'hunter2' } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
    const metadata = (name: string) => ({ name, namespace: 'bank' });
    const type = 'kubernetes.io/dockerconfigjson';
    server.put({ apiVersion: 'v1', kind: 'Secret', metadata: metadata('pull'), type, data });
    const imagePullSecrets = [{ name: 'pull' }];
    server.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('default'), imagePullSecrets });
  }

  test.each([
    ['bank', 'shop'],
    ['shop', 'bank'],
  ])('is known where its pull secret is, and nowhere else, if %s asks first', async (first, second) => {
    const found = built();
    registry.push('web', '1', found);
    registry.play(wantsPassword('bank', 'hunter2'));
    nodeHas(found);
    putSecret();
    play(server, deployed(first));
    await run({ pullSecrets: true });
    await until('the first is said', isSaid(first));
    play(server, deployed(second));
    await until('the second is said', isSaid(second));
    expect(imageIn('bank')).toMatchObject({ resolution: 'Resolved', uid: 10001 });
    expect(imageIn('shop')).toMatchObject({
      resolution: 'Unreadable',
      trouble: `cannot read ${registry.host} (401): see --image-pull-secrets or --docker-config`,
    });
    expect(JSON.stringify(imageIn('shop'))).not.toMatch(/10001|passwd/);
  });
});
