// Discovery: which groups, versions and kinds there are, in the form before aggregation.

import { noSuchResource } from './api-error.ts';
import type { Fields } from './object.ts';
import { apiVersionOf, type Resource } from './resource.ts';

/** What stands at a path that names no object; undefined where the real one says "404 page not found". */
export function discover(resources: readonly Resource[], path: string): Fields | undefined {
  const [root, group = '', version, beyond] = path.split('/').filter((step) => step !== '');
  if (root === 'version') return { major: '1', minor: '36', gitVersion: 'v1.36.3', platform: 'linux/amd64' };
  if (root === 'api' && group === '')
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (root === 'api') return resourceList(resources.filter((resource) => apiVersionOf(resource) === group));
  if (root !== 'apis') return undefined;
  if (group === '')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groupNames(resources).map((name) => groupOf(resources, name)),
    };
  const inGroup = resources.filter((resource) => resource.group === group);
  if (inGroup.length === 0) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(resources, group) };
  if (beyond !== undefined) throw noSuchResource();
  return resourceList(inGroup.filter((resource) => resource.version === version));
}

function groupNames(resources: readonly Resource[]): readonly string[] {
  return [...new Set(resources.map(({ group }) => group))].filter((name) => name !== '');
}

function groupOf(resources: readonly Resource[], name: string): Fields {
  const names = new Set(resources.filter(({ group }) => group === name).map(({ version }) => version));
  const versions = [...names].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(resources: readonly Resource[]): Fields {
  const [first] = resources;
  if (!first) throw noSuchResource();
  const groupVersion = apiVersionOf(first);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: resources.flatMap(entriesOf) };
}

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

function entriesOf({
  plural,
  singular,
  kind,
  namespaced,
  shortNames,
  hasStatus,
}: Resource): readonly Fields[] {
  const short = shortNames.length > 0 ? { shortNames } : {};
  const entry = { name: plural, singularName: singular, namespaced, kind, verbs, ...short };
  const status = {
    name: `${plural}/status`,
    singularName: '',
    namespaced,
    kind,
    verbs: ['get', 'patch', 'update'],
  };
  return hasStatus ? [entry, status] : [entry];
}
