// Fixes for what a text reports, where there is no workload.

import { describe, expect, test } from '@jest/globals';

import { causes } from '../../model/cause.ts';
import { permissionFamilies } from '../../model/permission.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { fixInWords } from '../../report/status/recorded-fix.ts';
import { failuresFix } from './failure-fix.ts';

const failure = (parts: Partial<ReportedFailure> & Pick<ReportedFailure, 'cause'>): ReportedFailure => ({
  container: { name: 'app' },
  image: {},
  pod: { name: 'web-0', namespace: 'shop' },
  message: '',
  ...parts,
});

function fixFor(failures: readonly ReportedFailure[]) {
  const fix = failuresFix(failures);
  return fix && fixInWords(fix, {});
}

const everything: readonly ReportedFailure[] = [
  ...causes.map((cause) => failure({ cause, image: { user: 'appuser' } })),
  ...permissionFamilies.flatMap((family) =>
    [{}, { path: '/var/lib/app/file' }, { port: 80 }].map((more) =>
      failure({ cause: 'NonRootPermissionDenied', family, ...more }),
    ),
  ),
  ...['user', 'group', 'passwd-file', 'userns-unmapped'].map((family) =>
    failure({ cause: 'UserNotInImage', family, image: { user: 'appuser' } }),
  ),
];

describe.each(everything)('$cause $family $path $port', (one) => {
  const unnamed = { ...one, container: {} };

  test.each([one, unnamed])('has a fix that can be read', (finding) => {
    const fix = fixFor([finding]);
    expect(fix?.summary).not.toBe('');
    expect(JSON.stringify(fix)).not.toMatch(/undefined|null|NaN/);
    expect(fix?.type).not.toBe('WorkloadPatch');
  });

  test('guesses no number, switches nothing off, and leaves no image to root', () => {
    const said = JSON.stringify(fixFor([one]));
    const isOfCapabilities = one.family === 'file-caps';
    expect(isOfCapabilities ? said.replaceAll('allows NET_BIND_SERVICE', '') : said).not.toMatch(
      /runAsUser:? ?"?[1-9]|runAsNonRoot"?: false|privileged"?: true|NET_BIND_SERVICE|777/,
    );
    const users = (fixFor([one])?.dockerfile ?? '').match(/^USER .*$/gm) ?? [];
    expect(users.at(-1) ?? '').not.toMatch(/^USER (?:0|root)\b/);
  });
});

test('the image that the text names can be looked into by a command, if a shell takes it as it is', () => {
  const of = (reference: string): string =>
    JSON.stringify(fixFor([failure({ cause: 'NonNumericUser', image: { user: 'app', reference } })]));
  expect(of('registry.example:5000/shop/web:1.4')).toContain(
    'rootcause image registry.example:5000/shop/web:1.4',
  );
  for (const reference of ['$(reboot)', 'web:1;x', '-o', 'a b', '`x`'])
    expect(of(reference)).toContain('rootcause image <image of app>');
});

test('the fields that Pod Security asks for are those of each container', () => {
  const violations = [
    {
      reason: 'allowPrivilegeEscalation != false',
      detail: 'containers "app", "proxy" must set securityContext.allowPrivilegeEscalation=false',
      containers: ['app', 'proxy'],
    },
    {
      reason: 'runAsNonRoot != true',
      detail: 'pod or container "app" must set securityContext.runAsNonRoot=true',
      containers: ['app'],
    },
    { reason: 'host namespaces', detail: 'hostNetwork=true', pod: true },
  ];
  const fix = fixFor([failure({ cause: 'PodSecurityViolation', enforced: true, violations })]);
  const lines = (fix?.alternatives ?? []).map((one) => one.lines ?? '');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('runAsNonRoot: true');
  expect(lines[1]).not.toContain('runAsNonRoot');
  expect(fix?.summary).toContain('host namespaces');
});

test('one fix for several findings names the others beside the first', () => {
  const fix = fixFor([
    failure({ cause: 'ImageRunsAsRoot' }),
    failure({ cause: 'RunAsUserIsRoot', container: { name: 'proxy' } }),
    failure({ cause: 'RunAsUserIsRoot', container: { name: 'proxy' } }),
  ]);
  expect(fix?.alternatives?.map(({ summary }) => summary)).toEqual([
    'container proxy: remove runAsUser 0 from container proxy, or from its pod',
  ]);
});

test('a hundred findings make a fix that can be read', () => {
  const many = Array.from({ length: 100 }, (_, at) =>
    failure({ cause: 'NonNumericUser', container: { name: `c${at}` }, image: { user: `u${at}` } }),
  );
  expect(JSON.stringify(fixFor(many)).length).toBeLessThan(8000);
});

test('no failure needs no fix', () => {
  expect(fixFor([])).toBeUndefined();
});
