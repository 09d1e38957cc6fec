// Objects that were recorded on a real cluster, given to `rootcause explain`: it finds what the operator found.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

import { explained } from '../src/engine/explain/explain.ts';
import { stringify } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const recordings = readdirSync(`${root}cases/recordings`).filter((name) => name.endsWith('.json'));
const now = '2026-11-22T03:00:00Z';

type Recording = Readonly<Record<'pods' | 'owners' | 'events' | 'nodes' | 'namespaces', readonly object[]>>;

type Expected = {
  readonly diagnoses: readonly {
    readonly workload: string;
    readonly findings: readonly {
      readonly cause: string;
      readonly container: string;
      readonly containerType: string;
    }[];
  }[];
};

/** What needs no log and no image to be known. */
function expectedOf(recording: string): readonly string[] {
  const file = `${root}cases/scenarios/${recording.split('.')[0]}/expect.json`;
  const { diagnoses } = JSON.parse(readFileSync(file, 'utf8')) as Expected;
  return diagnoses.flatMap(({ workload, findings }) =>
    findings
      .filter(({ cause }) => cause !== 'NonRootPermissionDenied')
      .map(({ cause, container, containerType }) => `${workload} ${cause} ${containerType} ${container}`),
  );
}

describe.each(recordings)('%s', (name) => {
  const recording = JSON.parse(readFileSync(`${root}cases/recordings/${name}`, 'utf8')) as Recording;
  const { pods, owners, events, nodes, namespaces } = recording;
  const items = [...pods, ...owners, ...events, ...nodes, ...namespaces];
  const list = { apiVersion: 'v1', kind: 'List', items };

  const found = async (text: string): Promise<readonly string[]> =>
    (await explained([text], now)).workloads.flatMap(({ findings }) =>
      findings.map(
        ({ workload, cause, container }) => `${workload} ${cause} ${container.type} ${container.name}`,
      ),
    );

  test('as JSON and as YAML it is what the scenario expects, and nothing else', async () => {
    const expected = expectedOf(name).toSorted();
    expect((await found(JSON.stringify(list))).toSorted()).toEqual(expected);
    expect((await found(stringify(list))).toSorted()).toEqual(expected);
  });

  test('of each finding a pod is named that exists', async () => {
    const names = new Set(pods.map((pod) => (pod as { metadata: { name: string } }).metadata.name));
    for (const { findings } of (await explained([JSON.stringify(list)], now)).workloads)
      for (const { cause, pod } of findings)
        expect(cause === 'PodSecurityViolation' ? pod.name === undefined : names.has(pod.name ?? '')).toBe(
          true,
        );
  });
});
