// Which tool writes a workload, by its marks, and what proves nothing.

import { describe, expect, test } from '@jest/globals';

import type { ManagedBy } from '../../model/fix.ts';
import type { Marks, Workload } from '../../model/snapshot.ts';
import { managedBy } from './managed-by.ts';

const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' };

const workload = (marks: Partial<Marks>, ref: Partial<Workload['ref']> = {}): Workload => ({
  ref: { ...web, ...ref },
  incomplete: false,
  marks: { labels: {}, annotations: {}, managers: [], ...marks },
});

const tracked = (id: string): Partial<Marks> => ({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const release = { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'apps' };
const helm: Partial<Marks> = {
  labels: {
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/instance': 'web',
    'helm.sh/chart': 'web-1.4',
  },
  annotations: release,
  managers: ['helm'],
};
const flux = (part: string): Readonly<Record<string, string>> => ({
  [`${part}.toolkit.fluxcd.io/name`]: 'apps',
  [`${part}.toolkit.fluxcd.io/namespace`]: 'flux-system',
});

describe('the tool that writes a workload', () => {
  test.each<[string, Partial<Marks>, ManagedBy]>([
    ['a tracking id', tracked('shop:apps/Deployment:shop/web'), { tool: 'ArgoCD', name: 'shop' }],
    [
      'a tracking id of an application in a namespace of its own',
      tracked('team-a_shop:apps/Deployment:shop/web'),
      { tool: 'ArgoCD', name: 'shop', namespace: 'team-a' },
    ],
    [
      "Argo CD's own label",
      { labels: { 'argocd.argoproj.io/instance': 'shop' } },
      { tool: 'ArgoCD', name: 'shop' },
    ],
    [
      "everybody's label, where Argo CD manages the spec",
      { labels: { 'app.kubernetes.io/instance': 'shop' }, managers: ['argocd-controller'] },
      { tool: 'ArgoCD', name: 'shop' },
    ],
    [
      'the labels of a Flux Kustomization',
      { labels: flux('kustomize') },
      { tool: 'Flux', name: 'apps', namespace: 'flux-system' },
    ],
    [
      'the labels of a Flux HelmRelease, rather than those of the Helm release that it makes',
      { ...helm, labels: { ...helm.labels, ...flux('helm') } },
      { tool: 'Flux', name: 'apps', namespace: 'flux-system' },
    ],
    ['the label and the annotations of Helm', helm, { tool: 'Helm', name: 'web', namespace: 'apps' }],
    [
      'the annotations of Helm, where it manages the spec',
      { annotations: release, managers: ['helm'] },
      { tool: 'Helm', name: 'web', namespace: 'apps' },
    ],
    [
      "Argo CD's tracking id before what the chart says",
      { ...helm, annotations: { ...release, ...tracked('shop:apps/Deployment:shop/web').annotations } },
      { tool: 'ArgoCD', name: 'shop' },
    ],
    [
      'the labels of the Operator Lifecycle Manager',
      {
        labels: {
          'olm.owner': 'etcd.v1',
          'olm.owner.kind': 'ClusterServiceVersion',
          'olm.owner.namespace': 'operators',
        },
      },
      { tool: 'Operator', name: 'ClusterServiceVersion/etcd.v1', namespace: 'operators' },
    ],
  ])('is known by %s', (_name, marks, expected) => {
    expect(managedBy(workload(marks))).toEqual(expected);
  });

  test('is the custom resource that makes the pods, whatever wrote that', () => {
    const ref = { apiVersion: 'acid.zalan.do/v1', kind: 'postgresql', name: 'db' };
    const expected = { tool: 'Operator', name: 'postgresql.acid.zalan.do/db', namespace: 'shop' };
    expect(managedBy(workload(tracked('shop:acid.zalan.do/postgresql:shop/db'), ref))).toEqual(expected);
    expect(managedBy({ ref: { ...web, ...ref }, incomplete: true })).toEqual(expected);
  });

  test.each<[string, Partial<Marks>]>([
    ['nothing', {}],
    ['a tracking id that was copied from another object', tracked('shop:apps/Deployment:shop/api')],
    [
      'a tracking id that was copied from an object of another kind',
      tracked('shop:example.com/Web:shop/web'),
    ],
    ['a tracking id from another namespace', tracked('shop:apps/Deployment:lab/web')],
    ['a damaged tracking id', tracked('shop')],
    ['a tracking id without an application', tracked(':apps/Deployment:shop/web')],
    ['a label that charts set as well', { labels: { 'app.kubernetes.io/instance': 'shop' } }],
    ['a rendered chart that somebody applied', { labels: helm.labels ?? {}, managers: ['kubectl'] }],
    ['what is left of a release', { annotations: release }],
    ['one half of the labels of Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }],
    ['an owner without its kind', { labels: { 'olm.owner': 'etcd.v1' } }],
    ['Argo CD without the name of an application', { managers: ['argocd-controller'] }],
  ])('is not proved by %s', (_name, marks) => {
    expect(managedBy(workload(marks))).toBeUndefined();
  });

  test('is named in printable characters, and not without end', () => {
    const name = `a\u001b[2J\n${'b'.repeat(2000)}`;
    const found = managedBy(workload({ ...helm, annotations: { 'meta.helm.sh/release-name': name } }));
    expect(found?.name).toMatch(/^a\uFFFD\[2J\uFFFDb+…$/);
    expect(found?.name.length).toBeLessThanOrEqual(600);
    expect(found).not.toHaveProperty('namespace');
  });
});
