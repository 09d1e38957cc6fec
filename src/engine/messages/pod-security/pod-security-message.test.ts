// What Pod Security says in every text that carries it, and in none that merely resembles it.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { recordedPath, unpacked, type Recorded } from '../../../../test/oracle/pod-security-recorded.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Violation } from '../../model/pod-security.ts';
import { podSecurityViolations, violationsText } from '../../platform/pod-security/pod-security.ts';
import {
  parsePodSecurityEvent,
  parsePodSecurityMessage,
  type PodSecurityRejection,
} from './pod-security-message.ts';

type Row = {
  readonly id: string;
  readonly text: string;
  readonly enforced?: boolean;
  readonly expect: Readonly<Record<string, string>>;
};

const rowsOf = (file: string): readonly Row[] =>
  readFileSync(new URL(`../../../../cases/messages/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
const rows = ['corpus.jsonl', 'more-refusals.jsonl'].flatMap(rowsOf);
const isPodSecuritys = (row: Row): boolean => row.expect['cause'] === 'PodSecurityViolation';

const checks = {
  escalation:
    'allowPrivilegeEscalation != false (containers "web", "mesh" must set securityContext.allowPrivilegeEscalation=false)',
  capabilities:
    'unrestricted capabilities (containers "web", "mesh" must set securityContext.capabilities.drop=["ALL"]; container "mesh" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  nonRoot:
    'runAsNonRoot != true (pod or containers "web", "mesh" must set securityContext.runAsNonRoot=true)',
  seccomp:
    'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  namespaces: 'host namespaces (hostNetwork=true, hostPID=true)',
  ports: 'hostPort (containers "web", "mesh" use hostPorts 443, 80)',
  volumes: 'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
};
const all = Object.values(checks).join(', ');
const restricted = { level: 'restricted', version: 'latest' } as const;
const refused = (said: string, policy = 'restricted:latest'): string =>
  `pods "web-1" is forbidden: violates PodSecurity "${policy}": ${said}`;
const warned = (said: string): string => `would violate PodSecurity "restricted:latest": ${said}`;

const both = ['web', 'mesh'];
const violations: readonly Violation[] = [
  {
    reason: 'allowPrivilegeEscalation != false',
    detail: 'containers "web", "mesh" must set securityContext.allowPrivilegeEscalation=false',
    level: 'restricted',
    containers: both,
  },
  {
    reason: 'unrestricted capabilities',
    detail:
      'containers "web", "mesh" must set securityContext.capabilities.drop=["ALL"]; container "mesh" must not include "NET_ADMIN" in securityContext.capabilities.add',
    level: 'restricted',
    containers: both,
  },
  {
    reason: 'runAsNonRoot != true',
    detail: 'pod or containers "web", "mesh" must set securityContext.runAsNonRoot=true',
    level: 'restricted',
    containers: both,
  },
  {
    reason: 'seccompProfile',
    detail:
      'pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
    containers: ['web'],
  },
  { reason: 'host namespaces', detail: 'hostNetwork=true, hostPID=true', level: 'baseline', pod: true },
  {
    reason: 'hostPort',
    detail: 'containers "web", "mesh" use hostPorts 443, 80',
    level: 'baseline',
    containers: both,
  },
  {
    reason: 'restricted volume types',
    detail: 'volumes "a", "b" use restricted volume types "hostPath", "nfs"',
    level: 'restricted',
    pod: true,
  },
];
const whole = { enforced: true, policy: restricted, violations, pod: 'web-1', container: 'web' };

describe('the corpus', () => {
  test.each(rows.filter(isPodSecuritys).map((row) => [row.id, row] as const))('%s is read', (_id, row) => {
    const { cause: _cause, ...names } = row.expect;
    const refusal = parsePodSecurityMessage(row.text);
    const { policy: _policy, violations: _violations, ...said } = refusal ?? {};
    expect(said).toEqual({ ...names, enforced: row.enforced });
  });

  test.each(rows.filter((row) => !isPodSecuritys(row)).map((row) => [row.id, row] as const))(
    '%s is none of Pod Security',
    (_id, row) => {
      expect(parsePodSecurityMessage(row.text)).toBeUndefined();
      expect(parsePodSecurityEvent(row.text)).toBeUndefined();
    },
  );

  test('more than sixty texts of Pod Security stand beside the first ones', () => {
    expect(rowsOf('more-refusals.jsonl').filter(isPodSecuritys).length).toBeGreaterThan(60);
  });
});

describe('what an API server has answered', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const recorded = JSON.parse(readFileSync(recordedPath, 'utf8')) as Recorded;
  const answers = Object.values(recorded.answers).flatMap((packed) =>
    unpacked(packed, recorded.parts, recorded.policies.length),
  );
  const texts = [...new Set(answers)].filter((text) => text !== undefined && text !== '');

  test('is read to the letter, in an Event and in a paste', () => {
    expect(texts.length).toBeGreaterThan(1000);
    for (const text of texts) {
      for (const parse of [parsePodSecurityEvent, parsePodSecurityMessage]) {
        const refusal = parse(`Error creating: ${refused(text ?? '')}`);
        expect(violationsText(refusal?.violations ?? [])).toBe(text);
      }
    }
  });

  test('is read from the recording of a Deployment whose pods were rejected', () => {
    const file = new URL('../../../../cases/recordings/podsecurity-refused.json', import.meta.url);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { events } = JSON.parse(readFileSync(file, 'utf8')) as { events: { message: string }[] };
    const messages = events
      .map(({ message }) => message)
      .filter((text) => text.includes('violates PodSecurity'));
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) {
      const refusal = parsePodSecurityEvent(message);
      expect(refusal).toMatchObject({ policy: restricted, container: 'app' });
      expect(refusal?.violations.map(({ reason }) => reason)).toEqual([
        'allowPrivilegeEscalation != false',
        'unrestricted capabilities',
        'runAsNonRoot != true',
        'seccompProfile',
      ]);
    }
  });
});

/** Texts around a refusal as controllers, tools, terminals and people put them. */
const goQuoted = (text: string): string => JSON.stringify(text);
const wrappers: Readonly<Record<string, (message: string) => string>> = {
  nothing: (message) => message,
  'an Event': (message) => `Error creating: ${message}`,
  'an aggregated Event': (message) => `(combined from similar events): Error creating: ${message}`,
  'a StatefulSet': (message) => `create Pod web-1 in StatefulSet web failed error: ${message}`,
  kubectl: (message) => `Error from server (Forbidden): error when creating "f.yaml": ${message}`,
  'kubectl describe': (message) =>
    `  Warning  FailedCreate  2m (x14 over 4m)  replicaset-controller  Error creating: ${message}`,
  'a webhook': (message) =>
    `admission webhook "pod-security-webhook.kubernetes.io" denied the request: ${message}`,
  'a log': (message) => `time="2024-01-01T00:00:00Z" level=error msg=${goQuoted(message)} release=web`,
  'JSON in JSON': (message) => goQuoted(goQuoted(message)),
  'JSON in a YAML string': (message) => `status: '${goQuoted(message)}'`,
  'a quotation': (message) => `> ${message}\n> what does it mean?`,
  'a box of Terraform': (message) =>
    `╷\n│ Error: ${message.replaceAll(', ', ',\n│ ')}\n│ \n│   on main.tf line 3\n╵`,
  'a diff': (message) => `+ ${message.replaceAll(', ', ',\n+   ')}\n+ more: true`,
  'a list that somebody made': (message) => message.replaceAll('), ', ')\n  - '),
  'a spreadsheet': (message) => `7,"${message.replaceAll('"', '""')}",x`,
  HTML: (message) => `<td>${message.replaceAll('"', '&quot;')}</td>`,
  Markdown: (message) => `It says \`${message}\` and stays there.`,
  'a coloured terminal': (message) => `\u001B[31m${message}\u001B[0m`,
  'curly quotes': (message) => message.replaceAll(/"([^"]*)"/g, '“$1”'),
  'a remark behind': (message) => `${message}, retrying (attempt=3)`,
  'words behind': (message) => `${message}. Maybe invalid TaskSpec`,
  'another line behind': (message) => `${message}\ndeployment.apps/web created (server dry run)`,
};

describe('a rejection means the same in every wrapper', () => {
  test.each(Object.entries(wrappers))('%s', (_name, wrap) => {
    expect(parsePodSecurityMessage(wrap(refused(all)))).toEqual(whole);
  });

  test.each(Object.entries(wrappers))('%s, as a warning', (_name, wrap) => {
    const { pod: _pod, ...rest } = whole;
    expect(parsePodSecurityMessage(wrap(warned(all)))).toMatchObject({ ...rest, enforced: false });
  });

  test('at whatever column it is wrapped, with or without marks in front of the lines', () => {
    const message = `Error creating: ${refused(all)}`;
    for (const breaking of ['\n', '\r\n      ', '\n> > ', '\n│ ', '\\n']) {
      for (let column = 5; column < 200; column += 1) {
        const lines = message.match(new RegExp(`.{1,${column}}`, 'g')) ?? [];
        expect(parsePodSecurityMessage(lines.join(breaking))).toEqual(whole);
      }
    }
  });

  test('also where the quotes were lost, or are other ones', () => {
    const said = refused(`${checks.escalation}, ${checks.nonRoot}`);
    const expected = { enforced: true, policy: restricted, pod: 'web-1', container: 'web' };
    for (const text of [said.replaceAll('"', ''), said.replaceAll('"', "'"), said.replaceAll('"', '`')]) {
      const refusal = parsePodSecurityMessage(text);
      expect(refusal).toMatchObject(expected);
      expect(refusal?.violations.map(({ containers }) => containers)).toEqual([both, both]);
    }
  });
});

describe('the policy', () => {
  test.each([
    ['restricted:latest', { level: 'restricted', version: 'latest' }],
    ['baseline:v1.0', { level: 'baseline', version: 0 }],
    ['restricted:v1.28', { level: 'restricted', version: 28 }],
  ])('%s', (said, policy) => {
    expect(parsePodSecurityMessage(refused(checks.nonRoot, said))?.policy).toEqual(policy);
    expect(parsePodSecurityEvent(refused(checks.nonRoot, said))?.policy).toEqual(policy);
  });

  test('that is only half there is none', () => {
    const refusal = parsePodSecurityMessage(
      `pods "web-1" is forbidden: violates PodSecurity "restricted": ${checks.nonRoot}`,
    );
    expect(refusal).toMatchObject({ enforced: true, pod: 'web-1', container: 'web' });
    expect(refusal).not.toHaveProperty('policy');
  });
});

describe('a check', () => {
  test.each<readonly [string, Violation]>([
    [
      'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)',
      {
        reason: 'runAsNonRoot != true',
        detail: 'pod must not set securityContext.runAsNonRoot=false',
        level: 'restricted',
        pod: true,
      },
    ],
    [
      'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
      {
        reason: 'runAsUser=0',
        detail: 'pod and container "a" must not set runAsUser=0',
        level: 'restricted',
        pod: true,
        containers: ['a'],
      },
    ],
    [
      'runAsNonRoot != false (spec.securityContext.runAsNonRoot, spec.containers[0].securityContext.runAsNonRoot)',
      {
        reason: 'runAsNonRoot != false',
        detail: 'spec.securityContext.runAsNonRoot, spec.containers[0].securityContext.runAsNonRoot',
        level: 'restricted',
        pod: true,
      },
    ],
    [
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "foo"; user may not be set; role may not be set)',
      {
        reason: 'seLinuxOptions',
        detail:
          'pod set forbidden securityContext.seLinuxOptions: type "foo"; user may not be set; role may not be set',
        level: 'baseline',
        pod: true,
      },
    ],
    [
      'seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="unconfined", seccomp.security.alpha.kubernetes.io/pod="unconfined")',
      {
        reason: 'seccompProfile',
        detail:
          'forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="unconfined", seccomp.security.alpha.kubernetes.io/pod="unconfined"',
        pod: true,
        containers: ['a'],
      },
    ],
    [
      'forbidden AppArmor profiles (container "b" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
      {
        reason: 'forbidden AppArmor profiles',
        detail:
          'container "b" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined""',
        level: 'baseline',
        containers: ['b', 'a'],
      },
    ],
    [
      'forbidden sysctls (kernel.msgmax, kernel/shm_rmid_forced)',
      {
        reason: 'forbidden sysctls',
        detail: 'kernel.msgmax, kernel/shm_rmid_forced',
        level: 'baseline',
        pod: true,
      },
    ],
    [
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
      {
        reason: 'procMount',
        detail: 'container "a" must not set securityContext.procMount to "Unmasked"',
        containers: ['a'],
      },
    ],
    ['unknown forbidden reason', { reason: 'unknown forbidden reason', detail: '' }],
    [
      'two-way mounts (container "a" must not set mountPropagation)',
      {
        reason: 'two-way mounts',
        detail: 'container "a" must not set mountPropagation',
        containers: ['a'],
      },
    ],
  ])('%s', (said, expected) => {
    expect(parsePodSecurityMessage(refused(said))?.violations).toEqual([expected]);
    expect(parsePodSecurityEvent(refused(said))?.violations).toEqual([expected]);
    expect(parsePodSecurityMessage(refused(`${said}, ${checks.seccomp}`))?.violations).toEqual([
      expected,
      violations[3],
    ]);
  });

  test('keeps the order of its containers, and the first of the text is the first of the rejection', () => {
    const said = `probe or lifecycle host (containers "z", "a" use probe or lifecycle hosts "10.0.0.1", "b"), ${checks.nonRoot}`;
    expect(parsePodSecurityMessage(refused(said))).toMatchObject({
      container: 'z',
      violations: [{ containers: ['z', 'a'] }, {}],
    });
  });

  test('of which a value holds quotes and parentheses ends where the list goes on', () => {
    const said = `seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "x"y) (z"), ${checks.nonRoot}`;
    expect(parsePodSecurityEvent(refused(said))?.violations).toEqual([
      {
        reason: 'seLinuxOptions',
        detail: 'container "a" set forbidden securityContext.seLinuxOptions: type "x"y) (z"',
        level: 'baseline',
        containers: ['a'],
      },
      violations[2],
    ]);
  });
});

describe('the answer to a new label of a namespace', () => {
  const existing =
    'existing pods in namespace "shop" violate the new PodSecurity enforce level "restricted:v1.30"';
  const reasons = [
    { reason: 'hostPath volumes', detail: '', level: 'baseline', pod: true },
    { reason: 'runAsNonRoot != true', detail: '', level: 'restricted' },
    { reason: 'seccompProfile', detail: '' },
  ];
  const listed = 'hostPath volumes, runAsNonRoot != true, seccompProfile';

  test.each<readonly [string, Partial<PodSecurityRejection>]>([
    [existing, { namespace: 'shop', policy: { level: 'restricted', version: 30 }, violations: [] }],
    [`web-1: ${listed}`, { pod: 'web-1', violations: reasons as readonly Violation[] }],
    [`web-1 (and 1 other pod): ${listed}`, { pod: 'web-1', violations: reasons as readonly Violation[] }],
    [`web-1 (and 12 other pods): ${listed}`, { pod: 'web-1', violations: reasons as readonly Violation[] }],
    [
      `Warning: ${existing}\nWarning: web-1 (and 1 other pod): ${listed}\nWarning: web-2: privileged\nnamespace/shop labeled`,
      {
        namespace: 'shop',
        policy: { level: 'restricted', version: 30 },
        pod: 'web-1',
        violations: reasons as readonly Violation[],
      },
    ],
    [
      'Warning: web-2: privileged',
      { pod: 'web-2', violations: [{ reason: 'privileged', detail: '', level: 'baseline' }] },
    ],
  ])('%s', (text, expected) => {
    expect(parsePodSecurityMessage(text)).toEqual({ enforced: false, ...expected });
    expect(parsePodSecurityEvent(text)).toBeUndefined();
  });

  test.each([
    'namespace "shop" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored',
    'new PodSecurity enforce level only checked against the first 3000 of 4000 existing pods',
    'failed to list pods while checking new PodSecurity enforce level',
    'level: privileged',
    'name: hostPort',
    'web: hostProcess, privileged mode',
  ])('%s says of no pod that it would be refused', (text) => {
    expect(parsePodSecurityMessage(text)).toBeUndefined();
  });
});

describe('the namespace is read where it stands around the rejection', () => {
  test.each([
    ['sync "shop/web-7c9" failed with ', ''],
    ['err="sync \\"shop/web-7c9\\" failed with ', '"'],
    ['Event(v1.ObjectReference{Kind:"Job", Namespace:"shop", Name:"web"}): Error creating: ', ''],
    ['object="shop/web" kind="Job" message="', '"'],
    ['POST at: https://10.0.0.1/api/v1/namespaces/shop/pods. Message: ', '.'],
    ['shop   25m   Warning   FailedCreate   replicaset/web   Error creating: ', ''],
    ['{"objectRef": "shop/pods/web-1",\n "message": "', '"}'],
    ['{"objectRef":{"resource":"pods","namespace":"shop","name":"web-1"},"message":"', '"}'],
  ])('%s', (before, after) => {
    expect(parsePodSecurityMessage(`${before}${refused(checks.nonRoot)}${after}`)).toMatchObject({
      namespace: 'shop',
      pod: 'web-1',
    });
  });

  test('but never in another line, and never that of another object', () => {
    for (const text of [
      `sync "other/web" failed with x\n${refused(checks.nonRoot)}`,
      `{"name":"job","namespace":"other","error":${goQuoted(refused(checks.nonRoot))}}`,
    ])
      expect(parsePodSecurityMessage(text)).not.toHaveProperty('namespace');
  });
});

describe('damaged texts give what they hold and no more', () => {
  const head = 'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": ';
  const base = { enforced: true, policy: restricted, pod: 'web-1' };
  test.each<readonly [string, object]>([
    [head, { ...base, violations: [] }],
    [`${head}allowPriv`, { ...base, violations: [] }],
    [`${head}allowPriv...`, { ...base, violations: [] }],
    [`${head}${checks.nonRoot}, seccompPro`, { ...base, violations: [violations[2]], container: 'web' }],
    [
      `${head}privileged (containers "web", "me`,
      {
        ...base,
        container: 'web',
        violations: [
          { reason: 'privileged', detail: 'containers "web", "me…', level: 'baseline', containers: ['web'] },
        ],
      },
    ],
    [
      `${head}privileged (container "web" must not set secur…\n  Normal  Scaled  2m (x3 over 4m)  by "x"`,
      {
        ...base,
        container: 'web',
        violations: [
          {
            reason: 'privileged',
            detail: 'container "web" must not set secur…',
            level: 'baseline',
            containers: ['web'],
          },
        ],
      },
    ],
    [
      'pods "web-1" is forbidden: violates PodSecurity "restric',
      { enforced: true, pod: 'web-1', violations: [] },
    ],
    [
      'pods "<redacted>" is forbidden: violates PodSecurity "restricted:latest": privileged',
      {
        enforced: true,
        policy: restricted,
        violations: [{ reason: 'privileged', detail: '', level: 'baseline' }],
      },
    ],
    [
      'pods "web-7c9-" is forbidden: violates PodSecurity "restricted:latest": privileged',
      {
        enforced: true,
        policy: restricted,
        violations: [{ reason: 'privileged', detail: '', level: 'baseline' }],
      },
    ],
    ['violates PodSecurity "restricted:latest": ', { enforced: true, policy: restricted, violations: [] }],
    [
      'would violate PodSecurity "restricted:latest": allow',
      { enforced: false, policy: restricted, violations: [] },
    ],
  ])('%s', (text, expected) => {
    expect(parsePodSecurityMessage(text)).toEqual(expected);
  });

  test('an Event that is cut at its greatest length is still a rejection', () => {
    const event = `Error creating: ${refused(all)}`;
    for (let length = event.indexOf(': allow') + 2; length < event.length; length += 1) {
      const refusal = parsePodSecurityEvent(event.slice(0, length));
      expect(refusal).toMatchObject({ enforced: true, policy: restricted, pod: 'web-1' });
      for (const [index, { reason }] of (refusal?.violations ?? []).slice(0, -1).entries())
        expect(reason).toBe(violations[index]?.reason);
    }
  });
});

describe('what only resembles a rejection is none', () => {
  test.each([
    '',
    'violates PodSecurity',
    'violates PodSecurity "restricted"',
    'violates PodSecurity "restricted:latest"',
    'pods that violate PodSecurity "restricted:latest": privileged ones',
    'would violate PodSecurity "restricted:latest": set the fields below',
    'They see would violate PodSecurity "restricted:latest": privileged containers are not allowed',
    'violates PodSecurity "restricted:latest": privileges',
    'Validation rule \'pss\' failed. It violates PodSecurity "restricted:latest": (Forbidden reason: runAsNonRoot != true, field error list: [spec.containers[0].securityContext.runAsNonRoot: Required value])',
    'pods "web-1" is forbidden: exceeded quota: compute',
    'pods "web-1" is forbidden: PodSecurityPolicy: unable to admit pod: [runAsNonRoot != true]',
    'pods "web-1" is forbidden: User "a" cannot create resource "pods"',
    'create Pod db-0 in StatefulSet db failed error: pods "',
    'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)',
    'vіolates PodSecurity "restricted:latest": privileged',
    'violates Pod\u200BSecurity "restricted:latest": privileged',
  ])('%j', (text) => {
    expect(parsePodSecurityMessage(text)).toBeUndefined();
    expect(parsePodSecurityEvent(text)).toBeUndefined();
  });
});

describe('an Event or a condition', () => {
  const prefixes = [
    '',
    'Error creating: ',
    '(combined from similar events): Error creating: ',
    'create Pod web-1 in StatefulSet web failed error: ',
    'Create Pod web-1 in StatefulSet web failed error: ',
    '(combined from similar events): create Pod web-1 in StatefulSet web failed error: ',
    'Error creating: admission webhook "pod-security-webhook.kubernetes.io" denied the request: ',
  ];

  test.each(prefixes)('%jpods … is a rejection', (prefix) => {
    expect(parsePodSecurityEvent(`${prefix}${refused(all)}`)).toEqual(whole);
  });

  test('of the stand-alone webhook of old does not name the pod', () => {
    const event = `Error creating: admission webhook "pod-security-webhook.kubernetes.io" denied the request: pod violates PodSecurity "restricted:latest": ${checks.nonRoot}`;
    const { pod: _pod, ...rest } = whole;
    expect(parsePodSecurityEvent(event)).toEqual({ ...rest, violations: [violations[2]] });
  });

  test.each(['failed: ', 'Error: ', 'log says ', '"', ' ', 'Error creating: Error creating: '])(
    'does not match behind other words: %j',
    (words) => {
      expect(parsePodSecurityEvent(`${words}${refused(all)}`)).toBeUndefined();
    },
  );

  test('is never a warning or a fragment', () => {
    for (const text of [
      warned(all),
      `Error creating: ${warned(all)}`,
      `violates PodSecurity "restricted:latest": ${all}`,
    ])
      expect(parsePodSecurityEvent(text)).toBeUndefined();
  });

  test('keeps a reason that it does not know as it is', () => {
    const said = 'brand new <check>, runAsNonRoot != true';
    expect(parsePodSecurityEvent(refused(said))?.violations.map(({ reason }) => reason)).toEqual([
      'brand new <check>',
      'runAsNonRoot != true',
    ]);
  });
});

test('of a warning and a rejection the rejection is read', () => {
  const text = `Warning: ${warned(checks.seccomp)}\ndeployment.apps/web created\nError creating: ${refused(checks.nonRoot)}`;
  expect(parsePodSecurityMessage(text)).toMatchObject({ enforced: true, violations: [violations[2]] });
});

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,12}[a-z0-9])?$/);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const context = fc.record(
  {
    privileged: fc.boolean(),
    runAsNonRoot: fc.boolean(),
    runAsUser: fc.constantFrom(0, 1000),
    allowPrivilegeEscalation: fc.boolean(),
    procMount: fc.constantFrom('Default', 'Unmasked'),
    seccompProfile: fc.record({ type: fc.constantFrom('RuntimeDefault', 'Unconfined') }),
    capabilities: fc.record(
      { add: fc.subarray(['CHOWN', 'NET_ADMIN', 'SYS_TIME']), drop: fc.subarray(['ALL']) },
      { requiredKeys: [] },
    ),
    seLinuxOptions: fc.record(
      { type: fc.constantFrom('spc_t', 'container_t'), user: fc.constant('u') },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const containers = fc
  .uniqueArray(fc.record({ name: label, securityContext: context }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 5,
  })
  .chain((list) => fc.nat(list.length - 1).map((at) => [list.slice(0, at), list.slice(at)] as const));
const manifests: fc.Arbitrary<PodManifest> = fc
  .tuple(containers, maybe(fc.boolean()), maybe(context), fc.uniqueArray(label, { maxLength: 3 }))
  .map(([[initContainers, ownContainers], hostNetwork, securityContext, volumes]) => ({
    spec: {
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
      ...(securityContext === undefined ? {} : { securityContext }),
      initContainers,
      containers: ownContainers,
      volumes: volumes.map((name) => ({ name, hostPath: {} })),
    },
  }));
const policies = fc.record({
  level: fc.constantFrom('baseline' as const, 'restricted' as const),
  version: fc.oneof(fc.constant('latest' as const), fc.integer({ min: 0, max: 40 })),
});
const named = ({ level, version }: { level: string; version: string | number }): string =>
  `${level}:${version === 'latest' ? version : `v1.${version}`}`;

/** The level stands in no text, and two reasons are those of both. */
const asRead = (list: readonly Violation[]): readonly Violation[] =>
  list.map(({ level, ...rest }) =>
    ['seccompProfile', 'procMount'].includes(rest.reason) ? rest : { ...rest, ...(level && { level }) },
  );

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.constantFrom(...rows.map(({ text }) => text), '\n', '\uD800', '\\', '"', '(', ')', ', '), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...rows.map(({ text }) => text)), fc.nat(600), fc.nat(900))
    .map(([text, from, length]) => text.slice(from, from + length)),
);

describe('properties', () => {
  test('whatever a pod violates, its text is read back as the same violations', () => {
    fc.assert(
      fc.property(manifests, policies, label, (manifest, policy, pod) => {
        const list = podSecurityViolations(manifest, policy);
        if (list.length === 0) return;
        const text = `Error creating: pods "${pod}" is forbidden: violates PodSecurity "${named(policy)}": ${violationsText(list)}`;
        for (const parse of [parsePodSecurityEvent, parsePodSecurityMessage]) {
          const refusal = parse(text);
          expect(refusal).toMatchObject({ enforced: true, policy, pod });
          expect(refusal?.container).toBe(refusal?.violations.flatMap((check) => check.containers ?? [])[0]);
          expect(refusal?.violations.map(sorted)).toEqual(asRead(list).map(sorted));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('no text makes it throw, and what it returns is printable and bounded', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const refusal of [parsePodSecurityMessage(text), parsePodSecurityEvent(text)]) {
          if (!refusal) continue;
          expect(refusal.violations.length).toBeLessThanOrEqual(32);
          expect(JSON.stringify(refusal)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          for (const { reason, detail, containers: names = [] } of refusal.violations) {
            expect(reason.length).toBeLessThanOrEqual(128);
            expect(Array.from(detail).length).toBeLessThanOrEqual(1024);
            for (const name of names) expect(name.length).toBeLessThanOrEqual(253);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** A detail may name its containers twice, in another order than the spec. */
const sorted = ({ containers: names, ...rest }: Violation): Violation => ({
  ...rest,
  ...(names && { containers: names.toSorted() }),
});

describe('hostile sizes', () => {
  const mebibyte = 1_048_576;
  const repeated = (unit: string): string =>
    unit.repeat(Math.ceil(mebibyte / unit.length)).slice(0, mebibyte);

  test.each([
    'violates PodSecurity "restricted:latest": ',
    'would violate PodSecurity "restricted:latest": ',
    `${refused(checks.nonRoot)} `,
    'privileged (',
    'privileged, ',
    'privileged (container "a", ',
    'x (a"b), ',
    'pods "',
    'web-1 (and 3 other pods): privileged (',
    'Warning: web: privileged (\n',
    '"',
    ')',
    '), ',
    '\\',
    '\n> ',
    ' ',
    '│ ',
    '"objectRef": ',
    '\uD800',
  ])('a mebibyte of %j is answered', (unit) => {
    for (const text of [repeated(unit), refused(repeated(unit)), refused(`privileged (${repeated(unit)}`)]) {
      expect(JSON.stringify(parsePodSecurityMessage(text) ?? {}).length).toBeLessThan(100_000);
      expect(JSON.stringify(parsePodSecurityEvent(text) ?? {}).length).toBeLessThan(100_000);
    }
  });

  test('of a longer text only the beginning is read', () => {
    expect(parsePodSecurityMessage(`${' '.repeat(60_000)}${refused(checks.nonRoot)}`)).toMatchObject({
      pod: 'web-1',
    });
    expect(parsePodSecurityMessage(`${' '.repeat(70_000)}${refused(checks.nonRoot)}`)).toBeUndefined();
  });

  test('of more checks than there are only the first are kept, and a long detail is cut visibly', () => {
    const many = Array.from({ length: 40 }, () => checks.nonRoot).join(', ');
    expect(parsePodSecurityEvent(refused(many))?.violations).toHaveLength(32);
    const names = Array.from({ length: 200 }, (_, at) => `"container-${at}"`).join(', ');
    const refusal = parsePodSecurityEvent(
      refused(`privileged (containers ${names} must not set securityContext.privileged=true)`),
    );
    expect(refusal?.violations[0]?.detail.endsWith('…')).toBe(true);
    expect(refusal?.violations[0]?.containers?.length).toBe(100);
  });
});
