// Names of Diagnoses: readable where they can be, unique always.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { diagnosisName } from './diagnosis-name.ts';

const apps = (kind: string, name: string) => diagnosisName({ apiVersion: 'apps/v1', kind, name });

test('a built-in workload is named by kind and name', () => {
  expect(apps('Deployment', 'web')).toBe('deployment-web');
  expect(diagnosisName({ apiVersion: 'v1', kind: 'Pod', name: 'tool.example' })).toBe('pod-tool.example');
});

test('two kinds of the same name in different groups do not meet', () => {
  expect(diagnosisName({ apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet', name: 'db' })).toBe(
    'statefulset.apps.kruise.io-db',
  );
  expect(apps('StatefulSet', 'db')).toBe('statefulset-db');
});

test('a name that is too long is cut and keeps a hash of the whole', () => {
  const long = 'a'.repeat(253);
  expect(apps('Deployment', long)).toHaveLength(253);
  expect(apps('Deployment', long)).not.toBe(apps('Deployment', `${long.slice(0, 252)}b`));
});

test('any name gives one that Kubernetes accepts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const given = apps('Widget', name);
      expect(given.length).toBeLessThanOrEqual(253);
      expect(given).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    }),
  );
});

test('names that differ only in case do not meet', () => {
  expect(apps('Widget', 'Web')).not.toBe(apps('Widget', 'web'));
});
