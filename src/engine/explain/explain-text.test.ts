// What people paste, read for all failures that it tells of.

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { explainText } from './explain-text.ts';

const asRoot = 'container has runAsNonRoot and image will run as root';
const named =
  'container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root';
const uid = '5d0c7b1e-0000-4000-8000-000000000007';
const inPod = (sentence: string, pod: string, container: string): string =>
  `${sentence} (pod: "${pod}_shop(${uid})", container: ${container})`;
const refused = (pod: string, container: string): string =>
  `Error creating: pods "${pod}" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "${container}" must set securityContext.runAsNonRoot=true)`;

const kubectl = (name: string): string =>
  readFileSync(new URL(`../../../cases/kubectl/${name}.txt`, import.meta.url), 'utf8');

/** One line for each finding, what is not known left out. */
function found(text: string): readonly string[] {
  return explainText(text).findings.map(({ cause, container, pod, image, path }) =>
    [cause, pod.namespace, pod.name, container.type, container.name, image.reference, image.user, path]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

describe('what kubectl prints', () => {
  test('describe: both containers, with their images', () => {
    expect(found(kubectl('describe-pod-two-containers'))).toEqual([
      'ImageRunsAsRoot shop web-698f6b584-8tc4j Container app localhost:5001/root:1',
      'NonNumericUser shop web-698f6b584-8tc4j Container exporter localhost:5001/named-group:1 appuser',
    ]);
  });

  test('describe of several pods: each finding with its own', () => {
    expect(found(kubectl('describe-pods'))).toEqual([
      'NonRootPermissionDenied shop noexec Container tool localhost:5001/numeric:1 /etc/passwd',
      'ImageRunsAsRoot shop tool Container tool localhost:5001/root:1',
    ]);
  });

  test('describe of a ReplicaSet: its name is not that of a pod', () => {
    expect(found(kubectl('describe-replicaset-refused'))).toEqual([
      'PodSecurityViolation shop web-685d9bf7f6-gbpnk Container app localhost:5001/root:1',
    ]);
  });

  test('describe of a container that ends: nothing is found, and it is named', () => {
    expect(explainText(kubectl('describe-pod-crashing'))).toEqual({
      findings: [],
      ended: [{ container: 'app', pod: 'web-75568d4cbd-t5hn6', namespace: 'shop', exitCode: 1 }],
    });
  });

  test('describe quoted in a mail', () => {
    const quoted = kubectl('describe-pod-two-containers').replaceAll(/^/gm, '> ');
    expect(found(quoted)).toEqual(found(kubectl('describe-pod-two-containers')));
  });

  test('describe, and below it a log, which names no container', () => {
    const log = '\nmkdir: cannot create directory ‘/var/lib/x’: Permission denied\n';
    expect(found(kubectl('describe-pod-two-containers') + log)).toHaveLength(3);
    expect(found(kubectl('describe-pod-two-containers') + log)).toContain(
      'NonRootPermissionDenied /var/lib/x',
    );
  });

  test('get events', () => {
    expect(found(kubectl('get-events'))).toEqual([
      'ImageRunsAsRoot shop web-698f6b584-8tc4j app',
      'NonNumericUser shop web-698f6b584-8tc4j exporter appuser',
    ]);
  });

  test('get events of all namespaces: one finding for all attempts at a rejected pod', () => {
    expect(found(kubectl('get-events-all-namespaces'))).toEqual([
      'ImageRunsAsRoot shop tool tool',
      'ImageRunsAsRoot shop web-78f9db6587-mwp4t migrate',
      'PodSecurityViolation shop web-685d9bf7f6-gbpnk app',
      'NonRootPermissionDenied shop noexec /etc/passwd',
    ]);
  });

  test('get events -o wide', () => {
    expect(found(kubectl('get-events-wide'))).toEqual(['ImageRunsAsRoot shop web-84b54fccc4-pjddd proxy']);
  });

  test('logs --prefix: each log has its container', () => {
    const text = [
      '[pod/web-0/app] mkdir: cannot create directory ‘/var/cache/x’: Permission denied',
      '[pod/web-0/proxy] listening on :8080',
      '[pod/web-1/app] nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)',
    ].join('\n');
    expect(found(text)).toEqual([
      'NonRootPermissionDenied web-0 app /var/cache/x',
      'NonRootPermissionDenied web-1 app',
    ]);
  });
});

describe('described containers', () => {
  const describedPod = (state: string, event: string): string => `Name:         web-0
Namespace:    shop
Node:         node-1/10.0.0.1
Init Containers:
  setup:
    Image:      setup:1
    State:      Terminated
      Reason:   Completed
      Exit Code:  0
    Ready:      True
Containers:
  app:
    Image:      app:1
${state}
  proxy:
    Image:      proxy:1
    State:      Running
    Ready:      True
Events:
  Type     Reason  Age   From     Message
  ----     ------  ----  ----     -------
  Warning  Failed  1s    kubelet  Error: ${event}
`;
  const waiting =
    '    State:      Waiting\n      Reason:   CreateContainerConfigError\n    Ready:      False';

  test('an old kubelet names neither pod nor container: only one waits for this', () => {
    expect(found(describedPod(waiting, asRoot))).toEqual(['ImageRunsAsRoot shop web-0 Container app app:1']);
  });

  test('where nothing tells which container it is, none is named', () => {
    expect(found(describedPod('    State:      Waiting\n      Reason:   PodInitializing', asRoot))).toEqual([
      'ImageRunsAsRoot shop web-0',
    ]);
  });

  test('an Event of a container that runs now is over', () => {
    const well = '    State:      Running\n    Ready:      True';
    expect(found(describedPod(well, inPod(asRoot, 'web-0', 'app')))).toEqual([]);
  });

  test('an init container has no type: kubectl does not mark the sidecars', () => {
    expect(found(describedPod(waiting, inPod(asRoot, 'web-0', 'setup')))).toEqual([
      'ImageRunsAsRoot shop web-0 setup setup:1',
    ]);
  });
});

describe('several messages', () => {
  test('each is a finding, the same twice is one', () => {
    const lines = [
      inPod(asRoot, 'web-0', 'app'),
      inPod(named, 'web-1', 'app'),
      inPod(asRoot, 'web-0', 'app'),
      inPod(asRoot, 'web-1', 'app'),
    ];
    expect(found(lines.join('\n'))).toEqual([
      'ImageRunsAsRoot shop web-0 app',
      'NonNumericUser shop web-1 app app',
      'ImageRunsAsRoot shop web-1 app',
    ]);
  });

  test('the one that names more stands for the one that names less', () => {
    expect(found(`Error: ${asRoot}\n\n${inPod(asRoot, 'web-0', 'app')}`)).toEqual([
      'ImageRunsAsRoot shop web-0 app',
    ]);
  });

  test('what stops a pod comes before what only warns', () => {
    const warning = refused('x', 'app').replace(/^.*violates/, 'Warning: would violate');
    expect(found(`${warning}\n${inPod(asRoot, 'web-0', 'app')}\n${refused('web-5f7-abcde', 'app')}`)).toEqual(
      [
        'ImageRunsAsRoot shop web-0 app',
        'PodSecurityViolation web-5f7-abcde app',
        'PodSecurityViolation app',
      ],
    );
  });

  test('all attempts of a controller at one pod are one finding, other pods are others', () => {
    const all = ['web-5f7c9d-abc2d', 'web-5f7c9d-xyz4k', 'db-0'].map((pod) => refused(pod, 'app'));
    // letters that the API server never makes names of
    expect(found(all.join('\n'))).toHaveLength(3);
    const made = ['web-5f7c9d-bcd2f', 'web-5f7c9d-xzv4k', 'db-0'].map((pod) => refused(pod, 'app'));
    expect(found(made.join('\n'))).toEqual([
      'PodSecurityViolation web-5f7c9d-bcd2f app',
      'PodSecurityViolation db-0 app',
    ]);
  });

  test('far into a long text, and where two parts of it meet', () => {
    const filler = `${'x'.repeat(99)}\n`;
    for (const before of [598, 599, 600, 5000]) {
      const text = filler.repeat(before) + inPod(named, 'web-0', 'app').replace('(pod', '\n(pod');
      expect(found(text + `\n${filler}`)).toEqual(['NonNumericUser shop web-0 app app']);
    }
  });
});

describe('one message', () => {
  test('is a permission that a runtime lacks, with the container that it was to start', () => {
    const text =
      'Error: failed to start container "app": Error response from daemon: OCI runtime create failed: exec: "./run.sh": permission denied: unknown';
    expect(found(text)).toEqual(['NonRootPermissionDenied app ./run.sh']);
  });

  test('broken at the width of a terminal is one, names and all', () => {
    const text =
      'E0302 09:00:01.000000 1 replica_set.go:557] sync "shop/web-7c9f8d6b5" failed with pods "web-7c9f8d6b5-x2x4z" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)';
    const broken = text.replaceAll(/(.{60,79}) /g, '$1\n');
    expect(broken.split('\n').length).toBeGreaterThan(3);
    expect(found(broken)).toEqual(['PodSecurityViolation shop web-7c9f8d6b5-x2x4z web']);
  });

  test('behind times, as kubectl logs --timestamps and Docker write them', () => {
    const line = 'mkdir: cannot create directory ‘/data/x’: Permission denied';
    const time = '2024-01-01T00:00:00.123456789Z';
    for (const text of [
      `${time} ${line}`,
      `${time} stderr F ${line}`,
      JSON.stringify({ log: `${line}\n`, stream: 'stderr', time }),
    ])
      expect(found(text)).toEqual(['NonRootPermissionDenied /data/x']);
  });

  test.each([
    'uid=0(root) gid=0(root) groups=0(root)',
    'Starting as root',
    'entrypoint: running as user root',
    'root@web-0:/# ./run.sh',
    'runAsUser: 0',
  ])('of a process that says it is root is no finding: %j', (line) => {
    const denial = 'mkdir: cannot create directory ‘/data/x’: Permission denied';
    expect(found(denial)).toHaveLength(1);
    expect(found(`${line}\n${denial}`)).toEqual([]);
  });

  test.each([
    'this program must be run as root',
    'cannot run as root here',
    'not running as root, as it should be',
    '/run belongs to uid 0 instead of 1000 and we are lacking the privileges to fix it',
    'uid=1000(app) gid=0(root) groups=0(root)',
  ])('of a process that does not say it is root stays one: %j', (line) => {
    const denial = 'mkdir: cannot create directory ‘/data/x’: Permission denied';
    expect(found(`${line}\n${denial}`)).not.toEqual([]);
  });

  test('of another policy is no finding, and the policy is named', () => {
    const text =
      'Error from server: admission webhook "validate.kyverno.svc-fail" denied the request: \n\npolicy Pod/shop/web for resource violation: \n\nrequire-run-as-nonroot:\n  run-as-non-root: "validation error: Running as root is not allowed."';
    expect(explainText(text)).toEqual({
      findings: [],
      rejectedBy: { engine: 'Kyverno', policy: 'require-run-as-nonroot' },
    });
  });
});

test('secrets go before anything is read', () => {
  const secret = 'AKIAIOSFODNN7EXAMPLE';
  const text = `open /data/${secret}/x: permission denied\n${named.replace('(app)', `(${secret})`)}`;
  expect(JSON.stringify(explainText(text))).not.toContain(secret);
});

describe('a mebibyte of', () => {
  test.each([
    ['the beginning of a sentence', 'container has runAsNonRoot and image has non-numeric user ('],
    ['rejections', `${refused('a', 'b')}\n`],
    ['names', 'Name: a\nNamespace: b\nContainers:\n  a:\n'],
    ['lists', 'Containers:\n  a:\n'],
    ['rows', '  Warning  Failed  1s  kubelet  a b c d\n'],
    ['denials', 'permission denied '],
    ['line breaks', '\n'],
    ['blanks', ' '],
    ['prompts', 'root@a: '],
  ])('%s takes seconds, where a square would take minutes', (_what, part) => {
    const text = `Name: a\nNamespace: b\n${part.repeat(Math.ceil(1_048_576 / part.length))}`;
    const start = process.cpuUsage();
    explainText(text.slice(0, 1_048_576));
    // the time of this process alone, however busy the machine is, and far above what it takes
    expect(process.cpuUsage(start).user / 1_000_000).toBeLessThan(20);
  });
});

describe('failures that are not ours', () => {
  const neighbours = (text: string) => explainText(text).neighbours;

  test('are named with what stands around them, each once', () => {
    const row = '2m  Warning  Failed  pod/web-0  Error: secret "db" not found';
    const one = { neighbour: { is: 'missingObject', kind: 'Secret', name: 'db' }, pod: 'web-0' };
    expect(neighbours(`${row}\n${row}`)).toEqual([one]);
    expect(explainText(row).findings).toEqual([]);
  });

  test('a group without a user, in two sentences, is one', () => {
    const text =
      'rpc error: for pod "a-0": runAsGroup is specified without a runAsUser\n failed to generate user string: user group "107" is specified without user';
    expect(neighbours(text)).toEqual([{ neighbour: { is: 'groupWithoutUser', group: '107' } }]);
  });

  test('nothing is said of a program that misses a secret of its own', () => {
    expect(neighbours('ERROR vault: secret "db" not found in mount kv')).toBeUndefined();
  });
});

test('a mebibyte of different messages takes seconds', () => {
  const line = (at: number): string => inPod(asRoot, `web-${at}`, 'app');
  const text = Array.from({ length: 7000 }, (_, at) => `${at} ${line(at)}`).join('\n');
  const start = process.cpuUsage();
  expect(explainText(text).findings).toHaveLength(1000);
  expect(process.cpuUsage(start).user / 1_000_000).toBeLessThan(20);
});
