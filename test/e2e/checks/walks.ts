// Three walks from the first failure to a workload that works, as people take them: at each step the record is true of the
// cluster, and the command that it shows is the next step.

import { randomFillSync } from 'node:crypto';

import type { DiagnosisStatus } from '../../../src/engine/model/diagnosis.ts';
import { busyboxHere } from '../../oracle/busybox.ts';
import { imageFrom } from '../../oracle/one-layer-image.ts';
import { push } from '../../oracle/push.ts';
import { directory, file, symlink, type TarItem } from '../../oracle/tar.ts';
import type { WirePod } from '../objects.ts';
import { runAsPrinted } from '../printed.ts';
import { demand, until, type Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { create, diagnosisOf, place } from './check.ts';
import type { Check, Ground } from './check.ts';

const stepMs = 150_000;

/** Root, then a user of its own, then a directory that root owns, then a port below 1024. */
export const nginxWalk: Check = async (ground) => {
  const walk = await begin(ground, 'walk-nginx');
  const server = ['/bin/sh', '-c', 'mkdir -p /var/cache/nginx/client_temp && exec nc -l -p 80 -e cat'];
  const items = [...rootfs('nginx:x:101:101:nginx:/:/bin/sh'), directory('var/cache/nginx')];
  const root = await walk.image(items, { entrypoint: server });
  const own = await walk.image(items, { entrypoint: server, user: '101' });
  await create(ground.cluster, deployment({ namespace: walk.namespace, name: 'web', image: root }));
  await walk.shows('root', { cause: 'ImageRunsAsRoot', user: '' });
  await walk.kubectl('set', 'image', 'deployment/web', `app=${own}`);
  await walk.shows('the directory', {
    cause: 'NonRootPermissionDenied',
    fix: /emptyDir at \/var\/cache\/nginx/,
  });
  await walk.runFix();
  await walk.shows('the port', { cause: 'NonRootPermissionDenied', family: 'bind-privileged-port' });
  await walk.runFix();
  return walk.ends();
};

/** USER is a name, the image is large, and its program writes where root owns the directory. */
export const largeImageWalk: Check = async (ground) => {
  const walk = await begin(ground, 'walk-large');
  const program = ['/bin/sh', '-c', 'mkdir -p /app/cache && exec sleep 3600'];
  const ballast = file('usr/lib/ballast', randomFillSync(Buffer.alloc(90 * 1024 * 1024)));
  const items = [...rootfs('node:x:1000:1000:node:/:/bin/sh'), directory('app'), ballast];
  const image = await walk.image(items, { entrypoint: program, user: 'node', workingDir: '/app' });
  await create(ground.cluster, deployment({ namespace: walk.namespace, name: 'web', image }));
  await walk.shows('the name', { cause: 'NonNumericUser', fix: /runAsUser 1000/, risk: 'RootOwnedPath' });
  await walk.runFix();
  await walk.shows('the directory', { cause: 'NonRootPermissionDenied', fix: /\/app/ });
  return [];
};

/** Three containers, of which the kubelet reaches one after the other; and then one that fails for a reason of its own. */
export const gatewayWalk: Check = async (ground) => {
  const walk = await begin(ground, 'walk-gateway');
  const sleeps = { entrypoint: ['/bin/sh', '-c', 'exec sleep 3600'] };
  const items = rootfs('app:x:1000:1000:app:/:/bin/sh');
  const named = await walk.image(items, { entrypoint: ['/bin/sh', '-c', 'exit 0'], user: 'app' });
  const root = await walk.image(items, sleeps);
  const proxy = await walk.image(items, { ...sleeps, user: '1000' });
  const crash = await walk.image(items, { entrypoint: ['/bin/sh', '-c', 'exit 3'], user: '1000' });
  const object = deployment({ namespace: walk.namespace, name: 'web', image: root }) as Gateway;
  const { spec } = object.spec.template;
  const containers = [
    { name: 'app', image: root },
    { name: 'metrics', image: crash },
  ];
  const init = [{ name: 'wait', image: named }];
  const template = { ...object.spec.template, spec: { ...spec, initContainers: init, containers } };
  await create(ground.cluster, { ...object, spec: { ...object.spec, template } });
  await walk.shows('all containers at once', { cause: 'NonNumericUser', predicted: ['app'] });
  await walk.kubectl('set', 'image', 'deployment/web', `app=${proxy}`);
  await walk.shows('only the init container', {
    cause: 'NonNumericUser',
    predicted: [],
    fix: /runAsUser 1000/,
  });
  await walk.runFix();
  await walk.shows('what is not ours', { state: 'NotReady', summary: /container metrics exits with 3/ });
  await walk.kubectl('set', 'image', 'deployment/web', `metrics=${proxy}`);
  return walk.ends();
};

type Gateway = { readonly spec: { readonly template: { readonly spec: object } } };

type Shown = {
  readonly state?: DiagnosisStatus['state'];
  readonly cause?: string;
  readonly family?: string;
  readonly user?: string;
  readonly fix?: RegExp;
  readonly risk?: string;
  readonly summary?: RegExp;
  readonly predicted?: readonly string[];
};

async function begin(ground: Ground, name: string) {
  const { cluster, signal, settleMs } = ground;
  const namespace = await place(ground, name);
  const status = (): DiagnosisStatus | undefined => diagnosisOf(ground, namespace, 'Deployment/web')?.status;
  const kubectl = (...args: readonly string[]): Promise<string> =>
    cluster.kubectl(['-n', namespace, ...args]);
  return {
    namespace,
    kubectl,
    /** The record comes to say this, and is true of the cluster then. */
    shows: (what: string, shown: Shown): Promise<void> =>
      demand(
        `${namespace}: ${what}`,
        async () => [...differences(status(), shown), ...(await untruths(ground, namespace, status()))],
        { limitMs: stepMs, signal },
      ),
    runFix: async (): Promise<void> => {
      const lacksCommand = (): Complaints =>
        status()?.fix?.command === undefined ? [`the fix is ${JSON.stringify(status()?.fix)}`] : [];
      await demand(`${namespace}: a command`, lacksCommand, { limitMs: stepMs, signal });
      const { fix } = status() ?? {};
      if (fix) await runAsPrinted(fix, cluster);
    },
    ends: (): Promise<Complaints> =>
      until(
        async () => [
          ...differences(status(), { state: 'Resolved' }),
          ...(await untruths(ground, namespace, status())),
        ],
        { limitMs: settleMs + stepMs, signal },
      ),
    image: (items: readonly TarItem[], how: Parameters<typeof imageFrom>[1]): Promise<string> =>
      pushed(ground, items, how),
  };
}

function differences(status: DiagnosisStatus | undefined, shown: Shown): Complaints {
  if (!status) return ['there is no Diagnosis yet'];
  const { state = 'Failing', cause, family, user, fix, risk, summary, predicted } = shown;
  const [first] = status.findings;
  const wanted: readonly (readonly [string, unknown, boolean])[] = [
    ['state', status.state, status.state === state],
    ['cause', status.cause, cause === undefined || status.cause === cause],
    ['family', first?.family, family === undefined || first?.family === family],
    ['user', first?.image.user, user === undefined || first?.image.user === user],
    ['fix', status.fix?.summary, fix === undefined || fix.test(status.fix?.summary ?? '')],
    ['certainty', status.fix?.certainty, risk === undefined || status.fix?.certainty === 'TestFirst'],
    ['risks', first?.risks, risk === undefined || (first?.risks ?? []).some(({ code }) => code === risk)],
    ['summary', status.summary, summary === undefined || summary.test(status.summary)],
    [
      'predicted',
      status.findings,
      predicted === undefined ||
        JSON.stringify(
          status.findings.filter((one) => one.predicted).map(({ container }) => container.name),
        ) === JSON.stringify(predicted),
    ],
  ];
  return wanted.flatMap(([what, found, isRight]) => (isRight ? [] : [`${what} is ${JSON.stringify(found)}`]));
}

type WireDeployment = {
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: PodSpec } };
  readonly status: { readonly readyReplicas?: number };
};
type PodSpec = {
  readonly initContainers?: readonly { readonly name: string; readonly image: string }[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
};

/** What the record says and the cluster does not. */
async function untruths(
  { cluster }: Ground,
  namespace: string,
  status: DiagnosisStatus | undefined,
): Promise<Complaints> {
  if (!status) return [];
  const [live, pods] = await Promise.all([
    cluster.read<WireDeployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/web`),
    cluster.list<WirePod>(`/api/v1/namespaces/${namespace}/pods`),
  ]);
  if (!live) return ['the Deployment is gone'];
  const { initContainers = [], containers } = live.spec.template.spec;
  const declared = new Set([...initContainers, ...containers].map(({ name, image }) => `${name} ${image}`));
  const { readyReplicas = 0 } = live.status;
  const isWorking = readyReplicas === live.spec.replicas;
  return [
    ...status.findings
      .map(({ container, image }) => `${container.name} ${image.reference}`)
      .filter((named) => !declared.has(named))
      .map((named) => `the record names ${named}, which the template has not`),
    ...(status.state === 'Resolved' && !isWorking ? ['it is Resolved and not ready'] : []),
    ...(status.state === 'NotReady' && isWorking ? ['it is NotReady and ready'] : []),
    ...(status.pods.failing > pods.items.length ? [`${status.pods.summary} pods`] : []),
  ];
}

const applets = ['sh', 'sleep', 'mkdir', 'nc', 'cat', 'id'];

const rootfs = (...passwd: readonly string[]): readonly TarItem[] => [
  directory('etc'),
  file('etc/passwd', `${['root:x:0:0:root:/root:/bin/sh', ...passwd].join('\n')}\n`),
  { ...directory('tmp'), mode: 0o1777 },
  ...applets.map((name) => symlink(`bin/${name}`, '/bin/busybox')),
];

/** Pushed to the registry of the scenarios' images, and called there by its digest. */
async function pushed(
  { images, signal }: Ground,
  items: readonly TarItem[],
  how: Parameters<typeof imageFrom>[1],
): Promise<string> {
  const busybox = await busyboxHere();
  if (!busybox) throw new Error('there is no busybox on PATH, and E2E_BUSYBOX names none');
  const image = imageFrom([file('bin/busybox', busybox.bytes, 0o755), ...items], how);
  const repository = `${images.root.slice(0, images.root.indexOf('/'))}/rootcause-walk`;
  await push(repository, image, signal);
  return `${repository}@${image.digest}`;
}
