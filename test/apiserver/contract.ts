// What rootcause relies on in an API server, as a table of cases. contract.test.ts runs it against the embedded
// server and, if there is one at hand, a real one; where they differ, the embedded one is wrong.

import type { expect } from '@jest/globals';
import type { Answer, Api } from './contract-api.ts';
import { readCases } from './contract-reads.ts';
import { watchCases } from './contract-watches.ts';
import { writeCases } from './contract-writes.ts';

export type ContractCase = {
  /** A sentence about the API server. */
  readonly name: string;
  readonly run: (cluster: Cluster, check: typeof expect) => Promise<void>;
};

/** A cluster with the CRD and one empty namespace; each case names its objects its own way. */
export type Cluster = Api & {
  readonly namespace: string;
  /** `/api/v1/namespaces/NS/pods`; also for `events`, `leases`, `deployments` and `diagnoses`. */
  readonly path: (plural: keyof typeof groupPaths, name?: string) => string;
};

const groupPaths = {
  pods: '/api/v1',
  events: '/api/v1',
  leases: '/apis/coordination.k8s.io/v1',
  deployments: '/apis/apps/v1',
  diagnoses: '/apis/rootcause.dev/v1alpha1',
} as const;

export const contract: readonly ContractCase[] = [...readCases, ...watchCases, ...writeCases];

export function clusterOf(api: Api, namespace: string): Cluster {
  const path: Cluster['path'] = (plural, name) =>
    `${groupPaths[plural]}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
  return { ...api, namespace, path };
}

/** Fails with the server's own words when an answer is not the expected one. */
export function succeeded(answer: Answer): Answer {
  if (answer.code >= 300) throw new Error(`The API server answered ${answer.code}: ${answer.text}`);
  return answer;
}
