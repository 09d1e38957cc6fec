// Which broken workloads have an image in common.

import { describe, expect, test } from '@jest/globals';

import type { DiagnosisStatus } from '../engine/model/diagnosis.ts';
import type { RecordedFinding } from '../engine/model/diagnosis.ts';
import type { RecordedDiagnosis } from '../engine/project/project-diagnosis.ts';
import { SharedImages } from './shared-images.ts';

const finding = (reference: string): RecordedFinding => ({
  cause: 'ImageRunsAsRoot',
  container: { name: 'app', type: 'Container' },
  message: 'container has runAsNonRoot and image will run as root',
  settings: [],
  image: { reference, resolution: 'NotAttempted' },
});

function record(
  name: string,
  images: readonly string[],
  parts: {
    readonly namespace?: string;
    readonly apiVersion?: string;
    readonly state?: DiagnosisStatus['state'];
  } = {},
): RecordedDiagnosis {
  const { namespace = 'shop', apiVersion = 'apps/v1', state = 'Failing' } = parts;
  const workloadRef = { apiVersion, kind: 'Deployment', name };
  const status: DiagnosisStatus = {
    observedGeneration: 1,
    state,
    workload: `Deployment/${name}`,
    cause: 'ImageRunsAsRoot',
    summary: '',
    pods: { failing: 1, total: 1, summary: '1/1' },
    firstSeenTime: '2026-11-22T12:00:00Z',
    ownerIncomplete: false,
    findings: images.map(finding),
    impact: { nodes: [] },
    conditions: [],
  };
  const identity = { name: `deployment-${name}`, namespace, uid: name, generation: 1 };
  return {
    diagnosis: { ...identity, spec: { workloadRef }, status },
    workload: { ...workloadRef, namespace, uid: name },
  };
}

const web = 'Deployment/shop/web';

describe('workloads that share an image', () => {
  test('are named to one another, sorted, and not to other namespaces', () => {
    const shared = new SharedImages(() => true);
    for (const each of [
      record('web', ['base:1', 'proxy:1']),
      record('api', ['proxy:1', 'api:1']),
      record('web', ['base:1'], { namespace: 'lab' }),
      record('other', ['other:1']),
      record('custom', ['base:1'], { apiVersion: 'example.com/v1' }),
    ])
      shared.note(each);
    expect(shared.othersWithImagesOf(web)).toEqual([
      'shop/Deployment.example.com/custom',
      'shop/Deployment/api',
    ]);
    expect(shared.othersWithImagesOf('Deployment/shop/other')).toEqual([]);
  });

  test('are no more than ten', () => {
    const shared = new SharedImages(() => true);
    shared.note(record('web', ['base:1']));
    for (let index = 10; index < 40; index += 1) shared.note(record(`w-${index}`, ['base:1']));
    const names = shared.othersWithImagesOf(web);
    expect(names).toHaveLength(10);
    expect(names?.[0]).toBe('shop/Deployment/w-10');
  });

  test('are forgotten once they are mended, have another image, or are gone', () => {
    const shared = new SharedImages(() => true);
    for (const name of ['web', 'a', 'b', 'c', 'd']) shared.note(record(name, ['base:1']));
    shared.note(record('a', ['base:1'], { state: 'Resolved' }));
    shared.note(record('b', ['base:2']));
    shared.forget('Deployment/shop/c');
    expect(shared.othersWithImagesOf(web)).toEqual(['shop/Deployment/d']);
  });

  test('are not known before all records are in, nor of a workload that has none', () => {
    let isComplete = false;
    const shared = new SharedImages(() => isComplete);
    shared.note(record('web', ['base:1']));
    expect(shared.othersWithImagesOf(web)).toBeUndefined();
    isComplete = true;
    expect(shared.othersWithImagesOf(web)).toEqual([]);
    expect(shared.othersWithImagesOf('Deployment/shop/new')).toBeUndefined();
  });
});
