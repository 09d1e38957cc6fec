// The option for dry runs as manifests/ has it, under names of the tests and for an account of theirs.

import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

export type Option = {
  /** Takes away what belongs to the whole cluster. */
  remove(): Promise<void>;
};

const manifests = join(import.meta.dirname, '..', '..', 'manifests', 'options', 'dry-run');

/** For the account `rootcause` of a namespace. Every name begins with that of the namespace. */
export async function installDryRuns(cluster: Cluster, namespace: string): Promise<Option> {
  const rendered = (await cluster.kubectl(['kustomize', manifests]))
    .replaceAll('name: rootcause-dry-run', `name: ${namespace}-option`)
    .replaceAll('policyName: rootcause-dry-run', `policyName: ${namespace}-option`)
    .replaceAll('rootcause-system', namespace);
  const remove = async () =>
    void (await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], rendered));
  try {
    await cluster.kubectl(['apply', '-f', '-'], rendered);
  } catch (error) {
    await remove();
    throw error;
  }
  return { remove };
}

/** A policy of somebody else's: in this namespace no patch of a Deployment may name a uid. */
export async function refuseUids(cluster: Cluster, namespace: string, message: string): Promise<Option> {
  const name = `${namespace}-no-uids`;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['UPDATE'],
    resources: ['deployments'],
  };
  const unset = '!has(c.securityContext) || !has(c.securityContext.runAsUser)';
  const policy = {
    failurePolicy: 'Fail',
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      resourceRules: [rule],
    },
    validations: [{ expression: `object.spec.template.spec.containers.all(c, ${unset})`, message }],
  };
  const binding = { policyName: name, validationActions: ['Deny'] };
  const items = [
    { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: policy },
    { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: binding },
  ];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const remove = async () => void (await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], list));
  try {
    await cluster.kubectl(['apply', '-f', '-'], list);
  } catch (error) {
    await remove();
    throw error;
  }
  return { remove };
}
