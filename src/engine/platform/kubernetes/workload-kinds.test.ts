// The table of kinds against what the API server calls them.

import { describe, expect, test } from '@jest/globals';

import { builtInResources } from '../../../../test/apiserver/resource.ts';
import { workloadKind, workloadKinds } from './workload-kinds.ts';

describe('a kind in the table', () => {
  test.each(workloadKinds.map((row) => [`${row.apiVersion} ${row.kind}`, row] as const))(
    '%s is known by its group and its name',
    (_name, row) => {
      expect(workloadKind(row)).toBe(row);
      expect(workloadKind({ ...row, apiVersion: `kruise.example/${row.apiVersion}` })).toBeUndefined();
    },
  );

  test('is called what the API server calls it', () => {
    const plurals = new Map(builtInResources.map(({ kind, plural }) => [kind, plural]));
    for (const { kind, plural } of workloadKinds) expect(plurals.get(kind) ?? plural).toBe(plural);
  });

  test('makes a kind that is in the table as well', () => {
    const kinds = new Set(workloadKinds.map(({ kind }) => kind));
    for (const { child, kind } of workloadKinds) expect(kinds).toContain(child ?? kind);
  });

  test('of another version is the same kind', () => {
    expect(workloadKind({ apiVersion: 'batch/v1beta1', kind: 'CronJob' })?.plural).toBe('cronjobs');
  });
});
