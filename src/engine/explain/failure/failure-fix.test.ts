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
  const fix = failuresFix(
    failures.map((one) => ({ failure: one })),
    false,
  );
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

describe('the fields that Pod Security asks for', () => {
  const escalation = {
    reason: 'allowPrivilegeEscalation != false',
    detail: 'containers "app", "proxy" must set securityContext.allowPrivilegeEscalation=false',
    containers: ['app', 'proxy'],
  };
  const fixOf = (violations: ReportedFailure['violations'] & object, more: Partial<ReportedFailure> = {}) =>
    fixFor([failure({ cause: 'PodSecurityViolation', enforced: true, violations, ...more })]);
  const linesOf = (fix: ReturnType<typeof fixOf>) =>
    (fix?.alternatives ?? []).map(({ lines }) => lines ?? '');

  test('stand at the level of the pod where the message offers it', () => {
    const user = {
      reason: 'runAsNonRoot != true',
      detail: 'pod or containers "app", "setup" must set securityContext.runAsNonRoot=true',
      containers: ['app', 'setup'],
    };
    const fix = fixOf([
      escalation,
      user,
      { reason: 'host namespaces', detail: 'hostNetwork=true', pod: true },
    ]);
    expect(linesOf(fix)).toEqual([
      `spec:
  hostNetwork: false
  securityContext:
    runAsNonRoot: true
  containers:
    - name: app
      securityContext:
        allowPrivilegeEscalation: false
    - name: proxy
      securityContext:
        allowPrivilegeEscalation: false
`,
    ]);
    expect(JSON.stringify(fix?.followUp)).toContain('initContainers');
    expect(linesOf(fixOf([user])).join('')).not.toContain('containers');
  });

  test('stand at both levels where both are refused', () => {
    const unconfined = {
      reason: 'seccompProfile',
      detail: 'pod and container "app" must not set securityContext.seccompProfile.type to "Unconfined"',
      containers: ['app'],
    };
    expect(linesOf(fixOf([unconfined]))[0]?.match(/RuntimeDefault/g)).toHaveLength(2);
  });

  test('say in words what must go away', () => {
    const fix = fixOf([
      { reason: 'hostPath volumes', detail: 'volumes "proc", "sys"', pod: true },
      {
        reason: 'privileged',
        detail: 'container "app" must not set securityContext.privileged=true',
        containers: ['app'],
      },
      {
        reason: 'unrestricted capabilities',
        detail:
          'container "app" must set securityContext.capabilities.drop=["ALL"]; container "app" must not include "SYS_ADMIN" in securityContext.capabilities.add',
        containers: ['app'],
      },
    ]);
    expect(fix?.followUp).toEqual(
      expect.arrayContaining([
        expect.stringContaining('hostPath volumes (volumes "proc", "sys")'),
        expect.stringContaining('Remove SYS_ADMIN from securityContext.capabilities.add'),
      ]),
    );
    expect(linesOf(fix)[0]).toContain('privileged: false');
  });

  test('never make root of a container that must not be root', () => {
    const root = {
      reason: 'runAsUser=0',
      detail: 'container "app" must not set runAsUser=0',
      containers: ['app'],
    };
    expect(linesOf(fixOf([root]))[0]).toContain('runAsUser: <uid>');
  });

  test('belong to the workload that the message names', () => {
    const fix = fixOf([escalation], { workload: { kind: 'StatefulSet', name: 'db' } });
    expect(fix?.alternatives?.[0]?.summary).toContain('in the pod template of StatefulSet db');
  });
});

test('one fix for several findings names the others beside the first', () => {
  const fix = fixFor([
    failure({ cause: 'ImageRunsAsRoot' }),
    failure({ cause: 'RunAsUserIsRoot', container: { name: 'proxy' } }),
    failure({ cause: 'RunAsUserIsRoot', container: { name: 'proxy' } }),
  ]);
  expect(fix?.alternatives?.map(({ summary }) => summary)).toEqual([
    'runAsUser <uid> for container app',
    'runAsUser <uid> for container proxy',
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
