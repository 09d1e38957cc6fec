// What Pod Security would refuse if every namespace enforced one policy: pods as they are, and templates without pods.

import { compare } from '../../engine/platform/data/compare.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import type { PodSecurityPolicy } from '../../engine/model/pod-security.ts';
import type {
  EnforcementReport,
  NamespaceReadiness,
  RefusedWorkload,
  ScanTrouble,
  Unread,
} from '../../engine/model/scan.ts';
import type { Namespace } from '../../engine/model/snapshot.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { keyOf } from '../../engine/model/workload.ts';
import { projectNamespace } from '../../engine/project/project-namespace.ts';
import { present } from '../../engine/platform/data/field.ts';
import {
  namespaceLevels,
  policyAtServer,
  policyText,
} from '../../engine/platform/pod-security/pod-security-labels.ts';
import { byWorkload, judgePods } from './judge-pods.ts';
import { demandNamespace, namespaceScopeOf } from '../namespace-scope.ts';
import type { NamespaceScope, ScopeOptions } from '../namespace-scope.ts';
import { readMakers } from './pod-makers.ts';
import { refusedWorkload } from './refusals.ts';
import { remedyFor } from './remedy.ts';
import type { ScanMeans, ScanSources } from '../sources.ts';
import { withSources } from '../sources.ts';

export type EnforcementOptions = { readonly scope: ScopeOptions; readonly policy: PodSecurityPolicy };

export async function wouldEnforce(
  { scope, policy }: EnforcementOptions,
  means: ScanMeans,
  signal: AbortSignal,
): Promise<EnforcementReport | ScanTrouble> {
  const places = namespaceScopeOf(scope);
  return withSources(means, signal, async (sources) => {
    const namespaces = await readNamespaces(places, sources, signal);
    const known = policyAtServer(policy, sources.serverMinor);
    const { makers, unread } = await readMakers(places, known, sources, signal);
    const judged = await judgePods(places, known, makers, sources, signal);
    const { refusals, unread: unclear } = await byWorkload(judged, sources, signal);
    const refused = Map.groupBy(refusals.groups(), ({ of }) => of.namespace);
    return {
      policy,
      namespaces: [...namespaces]
        .toSorted(([a], [b]) => compare(a, b))
        .map(([name, namespace]) => {
          const groups = (refused.get(name) ?? []).toSorted((a, b) => compare(orderOf(a), orderOf(b)));
          const workloads = groups.map((group) =>
            refusedWorkload(group, remedyFor(group.of, makers.get(group.of.uid), known)),
          );
          return readinessOf(name, namespace, workloads);
        }),
      unread: [...unreadNames(namespaces), ...unread, ...unclear],
    };
  });
}

/** By name; undefined for one whose labels may not be read. */
type Namespaces = ReadonlyMap<string, Namespace | undefined>;

async function readNamespaces(
  { namespaces, isExcluded }: NamespaceScope,
  { client }: ScanSources,
  signal: AbortSignal,
): Promise<Namespaces> {
  const found = new Map<string, Namespace | undefined>();
  for (const name of namespaces ?? [])
    found.set(name, projectNamespace(await demandNamespace(name, client, signal)));
  if (namespaces) return found;
  for await (const object of client.list(pathOf({ apiVersion: 'v1', plural: 'namespaces' }), {}, signal)) {
    const namespace = projectNamespace(object);
    if (namespace && !isExcluded(namespace.name)) found.set(namespace.name, namespace);
  }
  return found;
}

const unreadNames = (namespaces: Namespaces): readonly Unread[] =>
  [...namespaces].flatMap(([name, namespace]) =>
    namespace ? [] : [{ kind: 'Namespace', name, because: 'this account may not get it' }],
  );

function readinessOf(
  name: string,
  namespace: Namespace | undefined,
  refused: readonly RefusedWorkload[],
): NamespaceReadiness {
  const { enforce, warn, audit } = namespaceLevels(namespace?.podSecurity ?? {});
  return {
    name,
    labels: present({
      enforce: enforce && policyText(enforce),
      warn: warn && policyText(warn),
      audit: audit && policyText(audit),
    }),
    ready: refused.length === 0,
    refused,
  };
}

const orderOf = ({ of, pod = '' }: { readonly of: WorkloadRef; readonly pod?: string }): string =>
  JSON.stringify([keyOf(of), pod]);
