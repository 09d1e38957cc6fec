// The whole operator and an API server: what a crashed container's log tells stands in the Diagnosis, and without the right
// no log is asked for.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { internalError } from './apiserver/faults.ts';
import { asText, type Fields } from './apiserver/object.ts';
import type { ApiRequest } from './apiserver/request.ts';
import { crashLoopBackOff, deployment, imageRunsAsRoot, play, pod, replicaSet } from './apiserver/story.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;
/** Namespaces that it was asked about; '' stands for all. */
let askedAbout: string[];

beforeEach(async () => {
  server = new ApiServer();
  ({ kubeconfig } = await server.start());
  askedAbout = [];
  allow(() => true);
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

function allow(mayRead: (namespace: string) => boolean): void {
  server.answerAccessReviews(({ subresource, namespace }: Fields) => {
    if (subresource !== 'log') return false;
    askedAbout.push(asText(namespace));
    return mayRead(asText(namespace));
  });
}

async function run(changes: Partial<OperatorOptions> = {}): Promise<RunningOperator> {
  operator = await startOperator(kubeconfig, changes);
  return operator;
}

/** A pod of Deployment `web` whose one container runs as 10001 and ends again and again. */
function crashing(namespace = 'shop', { restarts = 3 } = {}): void {
  const story = pod('web-abc-1')
    .in(namespace)
    .of(replicaSet('web-abc').of(deployment('web')))
    .securityContext({ runAsNonRoot: true, runAsUser: 10_001 })
    .crashed('app', 1, crashLoopBackOff());
  play(server, story);
  const found = server.get('Pod', namespace, 'web-abc-1');
  const { containerStatuses: [status = {}] = [] } = (found?.['status'] ?? {}) as {
    containerStatuses?: readonly Fields[];
  };
  server.setStatus('Pod', namespace, 'web-abc-1', {
    containerStatuses: [{ ...status, restartCount: restarts }],
  });
}

const words = 'DB_PASSWORD=hunter2-of-all\ntouch: /var/data/x: Permission denied\n';

function statusOf(name = 'web', namespace = 'shop'): DiagnosisStatus | undefined {
  return server.get('Diagnosis', namespace, `deployment-${name}`)?.['status'] as DiagnosisStatus | undefined;
}

const isLog = ({ subresource }: ApiRequest): boolean => subresource === 'log';
const logRequests = () => server.requests().filter(isLog);

/** Once this is diagnosed, what came before it has been looked at. */
async function diagnosesAnother(namespace = 'shop'): Promise<void> {
  const other = replicaSet('other-abc').of(deployment('other'));
  play(server, pod('other-abc-1').in(namespace).of(other).waiting('app', imageRunsAsRoot()));
  await until('another one is diagnosed', () => statusOf('other', namespace)?.state === 'Failing');
}

describe('where logs may be read', () => {
  test('a crash because of a missing permission is diagnosed from the log, and nothing else of it is kept', async () => {
    crashing();
    server.setLog('shop', 'web-abc-1', 'app', words);
    const { metrics } = await run();
    await until('it is diagnosed', () => statusOf()?.cause === 'NonRootPermissionDenied');
    expect(statusOf()?.findings).toMatchObject([{ family: 'image-dir-ownership', path: '/var/data/x' }]);
    const written = JSON.stringify([server.list('Diagnosis'), server.list('Event')]);
    expect(written).not.toContain('hunter2');
    expect(written).not.toContain('touch');
    expect((await metrics()).get('rootcause_api_requests_total{verb="log",code="200"}')).toBe(1);
  });

  test('a container that ends again and again is read once', async () => {
    crashing();
    server.setLog('shop', 'web-abc-1', 'app', words);
    await run();
    await until('it is diagnosed', () => statusOf()?.cause === 'NonRootPermissionDenied');
    for (const restarts of [4, 5, 6]) crashing('shop', { restarts });
    await diagnosesAnother();
    expect(logRequests()).toHaveLength(1);
    expect(statusOf()?.state).toBe('Failing');
  });

  test('a crash for another reason is looked at, and nothing is said of it', async () => {
    crashing();
    server.setLog('shop', 'web-abc-1', 'app', 'config error: DATABASE_URL is not set\n');
    await run();
    await until('its log is read', () => logRequests().length === 1);
    await diagnosesAnother();
    expect(server.list('Diagnosis').map(({ metadata }) => metadata.name)).toEqual(['deployment-other']);
  });

  test('a restart that finds the node out of reach takes nothing back', async () => {
    crashing();
    server.setLog('shop', 'web-abc-1', 'app', words);
    const first = await run();
    await until('it is diagnosed', () => statusOf()?.cause === 'NonRootPermissionDenied');
    await first.stop();
    server.inject(internalError({ when: isLog, times: 1_000 }));
    server.clearRequests();
    await run({ settleSeconds: 0, resyncSeconds: 1 });
    const looks = () =>
      server
        .requests()
        .filter(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}` === 'list pods shop');
    await until('it was looked at', () => looks().length >= 4);
    expect([logRequests().length, statusOf()?.state]).toEqual([1, 'Failing']);
  });

  test('of the namespaces that are watched by name, only those with the right are read', async () => {
    allow((namespace) => namespace === 'shop');
    for (const namespace of ['shop', 'bank']) {
      crashing(namespace);
      server.setLog(namespace, 'web-abc-1', 'app', words);
    }
    await run({ scope: { namespaces: ['bank', 'shop'], excludedNamespaces: [] } });
    await until('it is diagnosed', () => statusOf()?.cause === 'NonRootPermissionDenied');
    await diagnosesAnother('bank');
    expect(logRequests().map(({ namespace }) => namespace)).toEqual(['shop']);
    expect(statusOf('web', 'bank')).toBeUndefined();
    expect(askedAbout.slice(0, 2)).toEqual(['bank', 'shop']);
  });
});

describe('without the right', () => {
  test('crashed containers are not looked at, and no log is asked for', async () => {
    allow(() => false);
    crashing();
    server.setLog('shop', 'web-abc-1', 'app', words);
    const { metrics } = await run();
    await diagnosesAnother();
    expect(logRequests()).toEqual([]);
    const ofWeb = server.requests().filter(({ name }) => name === 'web' || name === 'web-abc');
    expect(ofWeb).toEqual([]);
    expect(askedAbout).toEqual(['']);
    const counted = [...(await metrics()).keys()].filter((name) => name.startsWith('rootcause_api_requests'));
    expect(counted.filter((name) => /verb="log"|code="403"/.test(name))).toEqual([]);
  });

  test('a workload that is known for something else is not asked for its log either', async () => {
    allow(() => false);
    const story = pod('web-abc-1')
      .in('shop')
      .of(replicaSet('web-abc').of(deployment('web')))
      .securityContext({ runAsNonRoot: true, runAsUser: 10_001 })
      .container('app')
      .container('root', { securityContext: { runAsUser: 0 } });
    play(server, story.crashed('app', 1, crashLoopBackOff()).waiting('root', imageRunsAsRoot()));
    await run();
    await until('its right is asked about', () => askedAbout.includes('shop'));
    await diagnosesAnother();
    expect(statusOf()?.findings.map(({ cause }) => cause)).toEqual(['ImageRunsAsRoot']);
    expect(logRequests()).toEqual([]);
  });
});

test('with --read-logs=no nothing is asked, not even for the right, whatever the rights', async () => {
  crashing();
  server.setLog('shop', 'web-abc-1', 'app', words);
  await run({ readLogs: false });
  await diagnosesAnother();
  expect([logRequests(), askedAbout]).toEqual([[], []]);
  expect(statusOf()).toBeUndefined();
});
