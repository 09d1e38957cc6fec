// Holds the embedded API server to the contract; with KUBECONFIG_CONTRACT, a real one too.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { ApiServer } from './api-server.ts';
import { connect, type Api } from './contract-api.ts';
import { clusterOf, contract, succeeded } from './contract.ts';
import { applyType } from './contract-objects.ts';
import type { Json } from './object.ts';

const caseTimeoutMs = 90_000;
const realKubeconfig = process.env['KUBECONFIG_CONTRACT'];
const namespace = `contract-${process.pid}`;

describe('the embedded API server', () => {
  const server = new ApiServer({ acceptTokens: ['contract'] });
  const kubeconfig = server.start().then((started) => started.kubeconfig);
  runContract(kubeconfig);
  afterAll(() => server.stop());
});

(realKubeconfig ? describe : describe.skip)('a real API server', () => {
  runContract(Promise.resolve(realKubeconfig ? readFileSync(realKubeconfig, 'utf8') : ''));
});

function runContract(kubeconfig: Promise<string>): void {
  let api: Api;

  beforeAll(async () => {
    api = connect(await kubeconfig);
    await ensureCrd(api);
    succeeded(await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } }));
    await ensureServiceAccount(api);
  }, caseTimeoutMs);

  afterAll(async () => {
    await api.send('DELETE', `/api/v1/namespaces/${namespace}`);
    await api.close();
  }, caseTimeoutMs);

  test.each(contract.map(({ name, run }) => [name, run] as const))(
    '%s',
    (_, run) => run(clusterOf(api, namespace), expect),
    caseTimeoutMs,
  );
}

/** A CRD that is there already stays as it is; one that was missing is added and left, as it belongs to no namespace. */
async function ensureCrd({ send }: Api): Promise<void> {
  const list = '/apis/rootcause.dev/v1alpha1/diagnoses?limit=1';
  if ((await send('GET', list)).code === 200) return;
  const crd: Json = parse(
    readFileSync(new URL('../../crds/rootcause.dev_diagnoses.yaml', import.meta.url), 'utf8'),
  );
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/diagnoses.rootcause.dev';
  succeeded(await send('PATCH', `${path}?fieldManager=contract`, crd, applyType));
  await eventually(async () => (await send('GET', list)).code === 200);
}

/** Pods are refused until the new namespace has its account; the embedded server needs none. */
async function ensureServiceAccount({ send }: Api): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await send('POST', path, { metadata: { name: 'default' } });
  await eventually(async () => (await send('GET', `${path}/default`)).code === 200);
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await holds()) return;
    await delay(100);
  }
  throw new Error('The cluster did not get ready for the contract in 30 seconds.');
}
