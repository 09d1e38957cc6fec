// Contract: watching.

import type { WatchEvent } from './contract-api.ts';
import { succeeded, type Cluster, type ContractCase } from './contract.ts';
import * as make from './contract-objects.ts';
import { asText, at } from './object.ts';

const { create, versionOf } = make;

export const watchCases: readonly ContractCase[] = [
  {
    name: 'a watch tells of creation, change and deletion, in order, with rising versions',
    run: async (cluster, expect) => {
      const watching = watchLeases(cluster, 'life', await currentVersion(cluster), 3);
      await create(cluster, 'leases', make.lease('life', { watch: 'life' }));
      const path = cluster.path('leases', 'life');
      succeeded(await cluster.send('PATCH', path, { spec: { holderIdentity: 'second' } }, make.mergeType));
      succeeded(await cluster.send('DELETE', path));
      const events = await watching;
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      expect(events.map(({ object }) => at(object, 'spec', 'holderIdentity'))).toEqual([
        'first',
        'second',
        'second',
      ]);
      expect(events[0]?.object).toMatchObject({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' });
      const versions = events.map(eventVersion);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(3);
    },
  },
  {
    name: 'a watch from an earlier version is told what it missed',
    run: async (cluster, expect) => {
      const before = await currentVersion(cluster);
      await create(cluster, 'leases', make.lease('missed', { watch: 'missed' }));
      succeeded(await cluster.send('DELETE', cluster.path('leases', 'missed')));
      const events = await watchLeases(cluster, 'missed', before, 2);
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    },
  },
  {
    name: 'a watch without a version begins with what there is',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('there', { watch: 'there' }));
      const events = await watchLeases(cluster, 'there', '', 1);
      expect(events).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'there' } } }]);
    },
  },
  {
    name: 'an object that stops matching a selector is deleted for that watch, and added when it matches again',
    run: async (cluster, expect) => {
      const watching = watchLeases(cluster, 'match', await currentVersion(cluster), 4);
      const created = await create(cluster, 'leases', make.lease('match', { watch: 'match' }));
      const label = async (value: string): Promise<string> => {
        const patch = { metadata: { labels: { watch: value } } };
        return versionOf(
          succeeded(await cluster.send('PATCH', cluster.path('leases', 'match'), patch, make.mergeType)),
        );
      };
      const away = await label('other');
      await label('another');
      const back = await label('match');
      succeeded(await cluster.send('DELETE', cluster.path('leases', 'match')));
      const events = await watching;
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'ADDED', 'DELETED']);
      expect(events.slice(0, 3).map(eventVersion).map(String)).toEqual([versionOf(created), away, back]);
      // What leaves is shown as it was while it still matched.
      expect(at(events[1]?.object, 'metadata', 'labels', 'watch')).toBe('match');
    },
  },
  {
    name: 'a version that is too old ends a watch with one ERROR event: 410 Expired',
    run: async ({ watch, path }, expect) => {
      const events = await watch(`${path('diagnoses')}?watch=1&resourceVersion=1&timeoutSeconds=5`, 2);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        type: 'ERROR',
        object: { kind: 'Status', reason: 'Expired', code: 410 },
      });
    },
  },
  {
    name: 'bookmarks tell how far a watch is, and carry nothing else',
    run: async (cluster, expect) => {
      const from = await currentVersion(cluster);
      const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=6&resourceVersion=${from}&labelSelector=watch%3Dmark`;
      const watching = cluster.watch(`${cluster.path('leases')}?${query}`, 2);
      const created = await create(cluster, 'leases', make.lease('mark', { watch: 'mark' }));
      const events = await watching;
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
      expect(events[1]?.object).toMatchObject({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' });
      expect(at(events[1]?.object, 'metadata', 'name') ?? '').toBe('');
      expect(eventVersion(events[1])).toBeGreaterThanOrEqual(Number(versionOf(created)));
    },
  },
  {
    name: 'a watch from any version with bookmarks marks where the objects that were there end',
    run: async (cluster, expect) => {
      await create(cluster, 'leases', make.lease('initial', { watch: 'initial' }));
      const query =
        'watch=1&allowWatchBookmarks=true&timeoutSeconds=5&resourceVersion=0&labelSelector=watch%3Dinitial';
      const events = await cluster.watch(`${cluster.path('leases')}?${query}`, 2);
      expect(events).toMatchObject([
        { type: 'ADDED', object: { metadata: { name: 'initial' } } },
        { type: 'BOOKMARK', object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } },
      ]);
    },
  },
  {
    name: 'a watch ends by itself after timeoutSeconds',
    run: async ({ watch, path }, expect) => {
      const query = 'watch=1&timeoutSeconds=1&labelSelector=watch%3Dnothing';
      expect(await watch(`${path('leases')}?${query}`, 1)).toEqual([]);
    },
  },
];

async function currentVersion({ send, path }: Cluster): Promise<string> {
  return versionOf(succeeded(await send('GET', `${path('leases')}?limit=1`)));
}

function watchLeases(
  cluster: Cluster,
  label: string,
  from: string,
  count: number,
): Promise<readonly WatchEvent[]> {
  const query = `watch=1&timeoutSeconds=20&resourceVersion=${from}&labelSelector=watch%3D${label}`;
  return cluster.watch(`${cluster.path('leases')}?${query}`, count);
}

function eventVersion(event: WatchEvent | undefined): number {
  return Number(asText(at(event?.object, 'metadata', 'resourceVersion')));
}
