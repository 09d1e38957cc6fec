// What a scan prints of several workloads at once.

import { expect, test } from '@jest/globals';

import type { DiagnosisStatus, RecordedFix } from '../../model/diagnosis.ts';
import type { ScannedDiagnosis } from '../../model/scan.ts';
import { scanText } from './scan-report.ts';

const fix: RecordedFix = {
  type: 'WorkloadPatch',
  certainty: 'TestFirst',
  summary: 'runAsUser 10001',
  checks: [
    { name: 'KubeletUser', result: 'Passed', message: 'It runs as UID 10001.' },
    { name: 'DryRun', result: 'Skipped', message: 'not run' },
  ],
};
const status: DiagnosisStatus = {
  observedGeneration: 1,
  state: 'Failing',
  workload: 'Deployment/web',
  cause: 'NonNumericUser',
  summary: 'Container app cannot start.',
  pods: { failing: 1, total: 1, summary: '1/1' },
  firstSeenTime: '2026-11-22T12:00:00Z',
  ownerIncomplete: false,
  findings: [],
  impact: { nodes: [] },
  fix,
  conditions: [],
};
const diagnosis = (name: string): ScannedDiagnosis => ({
  namespace: 'shop',
  workload: { apiVersion: 'apps/v1', kind: 'Deployment', name },
  status: { ...status, workload: `Deployment/${name}` },
});
const report = { diagnoses: [diagnosis('api'), diagnosis('web')], neighbours: [], unread: [] };

test('why a check was skipped is printed once, with a count', () => {
  const text = scanText(report);
  expect(text.match(/KubeletUser Passed: It runs/g)).toHaveLength(2);
  expect(text).not.toContain('Skipped');
  expect(text).toContain('\n\nDryRun skipped for 2 fixes: not run\n\n2 workloads fail; ');
});

test('what could not be read for one reason is one line, with a count', () => {
  const unread = [
    { kind: 'Pod', namespace: 'shop', name: 'a', because: 'forbidden' },
    { kind: 'Pod', namespace: 'bank', name: 'b', because: 'forbidden' },
    { kind: 'Pod', namespace: 'bank', name: 'c', because: 'gone' },
    { kind: 'Event', namespace: 'bank', because: 'forbidden' },
    { kind: 'Event', namespace: 'shop', because: 'forbidden' },
  ];
  expect(scanText({ diagnoses: [], neighbours: [], unread })).toBe(
    [
      'Not read: Pod shop/a and 1 more: forbidden',
      'Not read: Pod bank/c: gone',
      'Not read: every Event in namespace bank: forbidden',
      'Not read: every Event in namespace shop: forbidden',
      '',
      'No failing workloads.',
      '',
    ].join('\n'),
  );
});

test('only sentences are wrapped to the terminal, and only headings are painted', () => {
  const long = 'a sentence that is much too long for the line of a very narrow terminal';
  const checks = [{ name: 'PodSecurity', result: 'Passed', message: long }] as const;
  const patch = `spec:\n  template: {metadata: {annotations: {x: ${'y'.repeat(60)}}}}\n`;
  const wide = { ...diagnosis('web'), status: { ...status, fix: { ...fix, checks, patch } } };
  const text = scanText({ ...report, diagnoses: [wide] }, false, {
    width: 60,
    wrapAt: 60,
    paint: (style, shown) => (style === 'heading' ? `<${shown}>` : shown),
  });
  expect(text).toContain('    PodSecurity Passed: a sentence that is much too long for\n      the line of');
  expect(text).toContain(`annotations: {x: ${'y'.repeat(60)}}`);
  expect(text).toContain('\n<Deployment/web in shop: Failing since 2026-11-22T12:00:00Z>\n');
});
