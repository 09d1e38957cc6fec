// The kubelet's decision, row by row.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { ContainerSecurityContext, PodSecurityContext } from '../../model/pod-manifest.ts';
import type { SecuritySettings } from '../../model/pod.ts';
import { effective, verifyRunAsNonRoot } from './kubelet-user.ts';

const required = { runAsNonRoot: true };

describe('the image decides where runAsNonRoot is required and no runAsUser is set', () => {
  test.each(['', '0', '0:0', '00', ':0', ':1000', '+0', '-0', '000000000000000000000000000'])(
    'USER %j is root',
    (user) => {
      expect(verifyRunAsNonRoot(required, user)).toEqual({ passes: false, cause: 'ImageRunsAsRoot' });
    },
  );

  test.each([
    'root',
    'root:root',
    'nobody',
    'nonroot:nonroot',
    'app:0',
    '1000a',
    '0x3e8',
    'user.name',
    '_apt',
    'DOMAIN\\svc',
    '9223372036854775808',
    '-9223372036854775809',
    '1_000',
    ' 1000',
    '1000 ',
    '+',
    '-',
    '١٠٠٠',
    '1e3',
    '1000.0',
    '${APP_UID}',
    '1'.repeat(60),
  ])('USER %j is a name', (user) => {
    expect(verifyRunAsNonRoot(required, user)).toEqual({ passes: false, cause: 'NonNumericUser' });
  });

  test.each([
    '1000',
    '1000:grp',
    '1001:0',
    '01000',
    '+1000',
    '1',
    '2147483647',
    '0'.repeat(50) + '7',
    '5:a:b',
  ])('USER %j passes', (user) => {
    expect(verifyRunAsNonRoot(required, user)).toEqual({ passes: true });
  });

  test.each(['4294967294', '2147483648', '-1', '-1:0', '9223372036854775807', '-9223372036854775808'])(
    'USER %j is out of range',
    (user) => {
      expect(verifyRunAsNonRoot(required, user)).toEqual({ passes: false, cause: 'InvalidImageUID' });
    },
  );

  test('an image that nobody has read leaves the answer open', () => {
    expect(verifyRunAsNonRoot(required, undefined)).toEqual({ passes: 'unknown' });
  });
});

describe('the settings decide first', () => {
  const anyUser = fc.option(fc.string(), { nil: undefined });

  test('without the requirement nothing is examined', () => {
    fc.assert(
      fc.property(
        anyUser,
        fc.constantFrom({}, { runAsNonRoot: false }),
        fc.integer(),
        (user, off, runAsUser) => {
          expect(verifyRunAsNonRoot(off, user)).toEqual({ passes: true });
          expect(verifyRunAsNonRoot({ ...off, runAsUser }, user)).toEqual({ passes: true });
        },
      ),
    );
  });

  test('runAsUser 0 is refused, whatever the image says', () => {
    fc.assert(
      fc.property(anyUser, (user) => {
        expect(verifyRunAsNonRoot({ ...required, runAsUser: 0 }, user)).toEqual({
          passes: false,
          cause: 'RunAsUserIsRoot',
        });
      }),
    );
  });

  test('any other runAsUser passes, whatever the image says', () => {
    fc.assert(
      fc.property(anyUser, fc.integer({ min: 1 }), (user, runAsUser) => {
        expect(verifyRunAsNonRoot({ ...required, runAsUser }, user)).toEqual({ passes: true });
      }),
    );
  });
});

describe('effective settings', () => {
  const settings = (pod: PodSecurityContext, container: ContainerSecurityContext): SecuritySettings => {
    const app = { name: 'app', securityContext: container };
    return effective({ spec: { securityContext: pod, containers: [app] } }, app);
  };

  test("the container's value beats the pod's, field by field", () => {
    expect(settings({ runAsNonRoot: true, runAsUser: 1000 }, { runAsUser: 0 })).toEqual({
      runAsNonRoot: true,
      runAsUser: 0,
    });
    expect(settings({ runAsNonRoot: true }, { runAsNonRoot: false })).toEqual({ runAsNonRoot: false });
    const account = (runAsUserName: string) => ({ windowsOptions: { runAsUserName } });
    expect(settings({ runAsUser: 1000, ...account('a') }, account('b'))).toEqual({
      runAsUser: 1000,
      runAsUserName: 'b',
    });
  });
});
