// Contract: getting, listing, selecting, discovering.

import type { ContractCase } from './contract.ts';
import * as make from './contract-objects.ts';
import { asFields, asList, asText, at } from './object.ts';

const { create, namesIn, refusalIn, versionOf } = make;

export const readCases: readonly ContractCase[] = [
  {
    name: 'a missing object is a 404 Status that names it',
    run: async ({ send, path }, expect) => {
      const { code, body } = await send('GET', path('diagnoses', 'nobody'));
      expect(code).toBe(404);
      expect(body).toMatchObject({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: 'diagnoses.rootcause.dev "nobody" not found',
        reason: 'NotFound',
        details: { name: 'nobody', group: 'rootcause.dev', kind: 'diagnoses' },
        code: 404,
      });
    },
  },
  {
    name: 'a kind that a known group lacks is a 404 Status, and one of an unknown group is plain text',
    run: async ({ send }, expect) => {
      expect(refusalIn(await send('GET', '/apis/apps/v1/things'))).toEqual({ code: 404, reason: 'NotFound' });
      const unknown = await send('GET', '/apis/nobody.example/v1/things');
      expect({ code: unknown.code, body: unknown.body }).toEqual({ code: 404, body: null });
      expect(unknown.text).toContain('404 page not found');
    },
  },
  {
    name: 'a log is asked of a container that the pod has; without a name, of its only one',
    run: async (cluster, expect) => {
      await create(cluster, 'pods', make.pod('talker'));
      const { metadata, spec } = make.pod('talkers');
      const two = [...asList(at(spec, 'containers')), { name: 'proxy', image: 'registry.example/proxy:1' }];
      await create(cluster, 'pods', {
        metadata: metadata ?? {},
        spec: { ...asFields(spec), containers: two },
      });
      const log = (pod: string) => `${cluster.path('pods', pod)}/log`;
      const wrong = await cluster.send('GET', `${log('talker')}?container=nobody`);
      expect(refusalIn(wrong)).toEqual({ code: 400, reason: 'BadRequest' });
      expect(at(wrong.body, 'message')).toBe('container nobody is not valid for pod talker');
      const unnamed = await cluster.send('GET', log('talkers'));
      expect(at(unnamed.body, 'message')).toBe(
        'a container name must be specified for pod talkers, choose one of: [app proxy]',
      );
      expect(refusalIn(await cluster.send('GET', log('nobody')))).toEqual({ code: 404, reason: 'NotFound' });
    },
  },
  {
    name: 'a log of a pod that is on no node is 204 without content, whatever of it is asked for',
    run: async (cluster, expect) => {
      await create(cluster, 'pods', make.pod('homeless'));
      for (const query of ['', '?previous=true', '?container=app&tailLines=60&limitBytes=16384']) {
        const path = `${cluster.path('pods', 'homeless')}/log${query}`;
        const { code, text } = await cluster.send('GET', path, undefined, {
          accept: 'application/json, */*',
        });
        expect([code, text]).toEqual([204, '']);
      }
    },
  },
  {
    name: 'a list names its kind; items of built-in kinds do not, those of custom kinds do',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('kinds'));
      await create(cluster, 'diagnoses', make.diagnosis('kinds'));
      const leases = await cluster.send('GET', `${cluster.path('leases')}?limit=500`);
      expect(leases.body).toMatchObject({ kind: 'LeaseList', apiVersion: 'coordination.k8s.io/v1' });
      expect(asFields(asList(at(leases.body, 'items'))[0])['kind']).toBeUndefined();
      const diagnoses = await cluster.send('GET', cluster.path('diagnoses'));
      expect(diagnoses.body).toMatchObject({ kind: 'DiagnosisList', apiVersion: 'rootcause.dev/v1alpha1' });
      expect(asList(at(diagnoses.body, 'items'))[0]).toMatchObject({ kind: 'Diagnosis' });
    },
  },
  {
    name: 'pages show one moment: what is created in between is not in them, and nothing is left out or doubled',
    run: async (cluster, expect) => {
      for (const i of [1, 2, 3, 4, 5])
        await create(cluster, 'leases', make.lease(`page-${i}`, { page: 'yes' }));
      const list = `${cluster.path('leases')}?limit=2&labelSelector=page%3Dyes`;
      const first = await cluster.send('GET', list);
      await create(cluster, 'leases', make.lease('page-0', { page: 'yes' }));
      await create(cluster, 'leases', make.lease('page-6', { page: 'yes' }));
      const second = await cluster.send('GET', `${list}&continue=${encodeURIComponent(tokenOf(first.body))}`);
      const third = await cluster.send('GET', `${list}&continue=${encodeURIComponent(tokenOf(second.body))}`);
      expect([first, second, third].map(namesIn)).toEqual([
        ['page-1', 'page-2'],
        ['page-3', 'page-4'],
        ['page-5'],
      ]);
      expect([second, third].map(versionOf)).toEqual([versionOf(first), versionOf(first)]);
      expect(tokenOf(third.body)).toBe('');
    },
  },
  {
    name: 'a page says how many are still to come, unless a selector hides it',
    run: async (cluster, expect) => {
      for (const i of [1, 2, 3]) await create(cluster, 'leases', make.lease(`rest-${i}`));
      const all = await cluster.send('GET', cluster.path('leases'));
      const page = await cluster.send('GET', `${cluster.path('leases')}?limit=1`);
      expect(at(page.body, 'metadata', 'remainingItemCount')).toBe(namesIn(all).length - 1);
      const some = await cluster.send('GET', `${cluster.path('leases')}?limit=1&labelSelector=!nothing`);
      expect(tokenOf(some.body)).not.toBe('');
      expect(at(some.body, 'metadata', 'remainingItemCount')).toBeUndefined();
    },
  },
  {
    name: 'a page that has all that match may still say that there is more; then the last page is empty',
    run: async (cluster, expect) => {
      for (const i of [1, 2]) await create(cluster, 'leases', make.lease(`empty-${i}`, { empty: 'yes' }));
      await create(cluster, 'leases', make.lease('zz-after-them'));
      const list = `${cluster.path('leases')}?limit=2&labelSelector=empty`;
      const first = await cluster.send('GET', list);
      expect(namesIn(first)).toEqual(['empty-1', 'empty-2']);
      const last = await cluster.send('GET', `${list}&continue=${encodeURIComponent(tokenOf(first.body))}`);
      expect([namesIn(last), tokenOf(last.body)]).toEqual([[], '']);
      expect(at(last.body, 'items')).toEqual([]);
    },
  },
  {
    name: 'a continue token that makes no sense is refused',
    run: async ({ send, path }, expect) => {
      const answer = await send('GET', `${path('leases')}?limit=1&continue=nonsense`);
      expect(refusalIn(answer)).toEqual({ code: 400, reason: 'BadRequest' });
    },
  },
  {
    name: 'a list from any version has no pages, whatever the limit',
    run: async (cluster, expect) => {
      for (const i of [1, 2]) await create(cluster, 'leases', make.lease(`any-${i}`));
      const { body } = await cluster.send('GET', `${cluster.path('leases')}?limit=1&resourceVersion=0`);
      expect(tokenOf(body)).toBe('');
    },
  },
  {
    name: 'a list from a version still to come ends in 504 Timeout',
    run: async ({ send, path }, expect) => {
      const answer = await send('GET', `${path('leases')}?resourceVersion=999999999`);
      expect(refusalIn(answer)).toEqual({ code: 504, reason: 'Timeout' });
      expect(at(answer.body, 'details')).toMatchObject({ causes: [{ reason: 'ResourceVersionTooLarge' }] });
    },
  },
  {
    name: 'label selectors pick by equality, sets and presence',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('label-a', { sel: 'a', tier: 'web' }));
      await create(cluster, 'leases', make.lease('label-b', { sel: 'b' }));
      await create(cluster, 'leases', make.lease('label-c', { sel: 'c', tier: 'db' }));
      const rows: readonly (readonly [string, readonly string[]])[] = [
        ['sel=a', ['label-a']],
        ['sel==b', ['label-b']],
        ['sel,sel!=a', ['label-b', 'label-c']],
        ['sel in (a, c)', ['label-a', 'label-c']],
        ['sel,tier notin (web)', ['label-b', 'label-c']],
        ['sel,tier', ['label-a', 'label-c']],
        ['sel,!tier', ['label-b']],
        ['sel=a,tier=db', []],
      ];
      for (const [selector, names] of rows) {
        const query = `labelSelector=${encodeURIComponent(selector)}`;
        expect([selector, namesIn(await cluster.send('GET', `${cluster.path('leases')}?${query}`))]).toEqual([
          selector,
          names,
        ]);
      }
    },
  },
  {
    name: 'Events are selected by reason, type, source and the object they are about',
    run: async (cluster, expect) => {
      const { namespace, send, path } = cluster;
      await create(cluster, 'events', make.event('sel-1', namespace, 'web', 'Failed'));
      await create(cluster, 'events', make.event('sel-2', namespace, 'web', 'Pulled'));
      await create(cluster, 'events', make.event('sel-3', namespace, 'db', 'Failed'));
      const rows: readonly (readonly [string, readonly string[]])[] = [
        ['reason=Failed', ['sel-1', 'sel-3']],
        ['reason=Failed,involvedObject.name=web,involvedObject.kind=Pod', ['sel-1']],
        ['type=Warning,source=kubelet,reason!=Failed', ['sel-2']],
        ['type=Normal', []],
        ['metadata.name=sel-3', ['sel-3']],
      ];
      for (const [selector, names] of rows) {
        const answer = await send('GET', `${path('events')}?fieldSelector=${encodeURIComponent(selector)}`);
        // The real cluster's own components may write Events about the objects of other cases.
        expect([selector, namesIn(answer).filter((name) => name.startsWith('sel-'))]).toEqual([
          selector,
          names,
        ]);
      }
    },
  },
  {
    name: 'Events about a controller are selected by its kind, name and uid, of whatever characters',
    run: async (cluster, expect) => {
      const { namespace, send, path } = cluster;
      const db = { apiVersion: 'apps/v1', kind: 'StatefulSet', uid: 'u-db', fieldPath: '' };
      const odd = { ...db, uid: 'a,b=c' };
      await create(cluster, 'events', make.event('made-1', namespace, 'db', 'FailedCreate', db));
      await create(cluster, 'events', make.event('made-2', namespace, 'db', 'SuccessfulCreate', db));
      await create(cluster, 'events', make.event('made-3', namespace, 'web', 'FailedCreate', odd));
      const about = 'involvedObject.kind=StatefulSet';
      const rows: readonly (readonly [string, readonly string[]])[] = [
        [`reason=FailedCreate,${about},involvedObject.name=db`, ['made-1']],
        [`reason=FailedCreate,${about}`, ['made-1', 'made-3']],
        ['reason=SuccessfulCreate,involvedObject.uid=u-db', ['made-2']],
        [String.raw`involvedObject.uid=a\,b\=c`, ['made-3']],
      ];
      for (const [selector, names] of rows) {
        const answer = await send('GET', `${path('events')}?fieldSelector=${encodeURIComponent(selector)}`);
        expect([selector, namesIn(answer)]).toEqual([selector, names]);
      }
    },
  },
  {
    name: 'pods are selected by node, phase and name, and a field that cannot be selected by is refused',
    run: async (cluster, expect) => {
      await create(cluster, 'pods', make.pod('fields'));
      const named = async (selector: string): Promise<readonly string[]> =>
        namesIn(await cluster.send('GET', `${cluster.path('pods')}?fieldSelector=${selector}`));
      expect(await named('metadata.name%3Dfields,status.phase%3DPending')).toEqual(['fields']);
      expect(await named('metadata.name%3Dfields,spec.nodeName%3D')).toEqual(['fields']);
      expect(await named('metadata.name%3Dfields,spec.nodeName%3Dnode-1')).toEqual([]);
      expect(await named('metadata.name%3Dfields,status.phase%21%3DPending')).toEqual([]);
      const refused = await cluster.send('GET', `${cluster.path('pods')}?fieldSelector=spec.hostname%3Dx`);
      expect(refusalIn(refused)).toEqual({ code: 400, reason: 'BadRequest' });
    },
  },
  {
    name: 'a list can be asked for as metadata only',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('partial', { partial: 'yes' }));
      const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
      const path = `${cluster.path('leases')}?labelSelector=partial`;
      const { body } = await cluster.send('GET', path, undefined, { accept });
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(asList(at(body, 'items'))).toHaveLength(1);
      expect(asList(at(body, 'items'))[0]).toMatchObject({
        metadata: { name: 'partial', labels: { partial: 'yes' } },
      });
      expect(asList(at(body, 'items'))[0]).not.toHaveProperty('spec');
    },
  },
  {
    name: 'a table has the columns that the CRD declares, filled from the status',
    run: async (cluster, expect) => {
      await create(cluster, 'diagnoses', make.diagnosis('table'));
      await make.applyDiagnosis(cluster, make.statusOf('table'), { part: '/status' });
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
      const { body } = await cluster.send('GET', cluster.path('diagnoses', 'table'), undefined, { accept });
      const columns = asList(at(body, 'columnDefinitions')).map((column) => asText(at(column, 'name')));
      expect(columns.slice(0, 3)).toEqual(['Name', 'Workload', 'Cause']);
      expect(columns).toContain('Age');
      const cells = asList(at(asList(at(body, 'rows'))[0], 'cells'));
      expect(cells.slice(0, 4)).toEqual(['table', 'Deployment/table', 'ImageRunsAsRoot', null]);
      expect(cells[columns.indexOf('Age')]).toMatch(/^\d+s$/);
    },
  },
  {
    name: 'discovery names groups, versions and kinds',
    run: async ({ send }, expect) => {
      const group = at((await send('GET', '/apis')).body, 'groups');
      const ours = asList(group).find((entry) => at(entry, 'name') === 'rootcause.dev');
      expect(ours).toMatchObject({
        preferredVersion: { groupVersion: 'rootcause.dev/v1alpha1', version: 'v1alpha1' },
      });
      const { body } = await send('GET', '/apis/rootcause.dev/v1alpha1');
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'rootcause.dev/v1alpha1' });
      const names = asList(at(body, 'resources')).map((resource) => at(resource, 'name'));
      expect(names).toEqual(expect.arrayContaining(['diagnoses', 'diagnoses/status']));
      expect(asList(at(body, 'resources'))[names.indexOf('diagnoses')]).toMatchObject({
        kind: 'Diagnosis',
        namespaced: true,
        shortNames: expect.arrayContaining(['dx']),
        verbs: expect.arrayContaining(['get', 'list', 'watch', 'patch', 'create', 'delete']),
      });
      expect((await send('GET', '/apis/nobody.example/v1')).code).toBe(404);
      expect(asText(at((await send('GET', '/version')).body, 'gitVersion'))).toMatch(/^v1\.\d+/);
    },
  },
  {
    name: 'an unknown token is refused with 401',
    run: async ({ send, path }, expect) => {
      const answer = await send('GET', path('pods'), undefined, { token: 'nobody' });
      expect(refusalIn(answer)).toEqual({ code: 401, reason: 'Unauthorized' });
    },
  },
];

function tokenOf(list: Parameters<typeof at>[0]): string {
  return asText(at(list, 'metadata', 'continue'));
}
