// The test pods of kubernetes/pod-security-admission, commit 8f84a87 (Apache-2.0), each at the level and versions that it
// was written for: cases/pod-security-admission.jsonl has one on a line, unchanged but for the packing.

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { levelPatch } from '../src/engine/fix/patch/level-patch.ts';
import type { PodSecurityLevel } from '../src/engine/model/pod-security.ts';
import { podManifestOf } from '../src/engine/platform/kubernetes/pod-manifest.ts';
import { podSecurityViolations } from '../src/engine/platform/pod-security/pod-security.ts';

type Row = {
  readonly level: PodSecurityLevel;
  readonly expect: 'pass' | 'fail';
  readonly control: string;
  readonly file: string;
  readonly versions: readonly string[];
  readonly manifest: string;
};

const path = new URL('../cases/pod-security-admission.jsonl', import.meta.url);
const rows = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

/** What is refused where a control is violated, by the control's name there. */
const reasons: Readonly<Record<string, RegExp>> = {
  allowprivilegeescalation: /^allowPrivilegeEscalation != false$/,
  apparmorprofile: /^forbidden AppArmor profiles?$/,
  capabilities_baseline: /^(non-default|unrestricted) capabilities$/,
  capabilities_restricted: /^unrestricted capabilities$/,
  hostnamespaces: /^host namespaces$/,
  hostpathvolumes: /^(hostPath volumes|restricted volume types)$/,
  hostports: /^hostPort$/,
  hostprobesandhostlifecycle: /^probe or lifecycle host$/,
  privileged: /^privileged$/,
  procmount: /^procMount$/,
  procmount_restricted: /^procMount$/,
  restrictedvolumes: /^restricted volume types$/,
  runasnonroot: /^runAsNonRoot != true$/,
  runasuser: /^runAsUser=0$/,
  seccompprofile_baseline: /^seccompProfile$/,
  seccompprofile_restricted: /^seccompProfile$/,
  selinuxoptions: /^seLinuxOptions$/,
  sysctls: /^forbidden sysctls$/,
  windowshostprocess: /^hostProcess$/,
};

test('there are 380 pods, up to version 1.37', () => {
  expect(rows).toHaveLength(380);
  expect(rows.flatMap(({ versions }) => versions)).toContain('v1.37');
});

describe.each(['baseline', 'restricted'] as const)('at %s', (level) => {
  const cases = rows
    .filter((row) => row.level === level)
    .map((row) => ({ ...row, name: `${row.file} from ${row.versions[0]} to ${row.versions.at(-1)}` }));

  test.each(cases.filter((row) => row.expect === 'pass'))('$name passes', (row) => {
    for (const [version, refused] of refusals(row)) expect([version, refused]).toEqual([version, []]);
  });

  test.each(cases.filter((row) => row.expect === 'fail'))('$name is refused for its control', (row) => {
    const reason = reasons[row.control];
    for (const [version, refused] of refusals(row))
      expect([version, refused]).toEqual([
        version,
        expect.arrayContaining([expect.stringMatching(reason ?? /^$/)]),
      ]);
  });
});

describe('a patch', () => {
  /** What nothing but a person can decide to do without. */
  const beyondPatches =
    /^(host namespaces|hostPath volumes|restricted volume types|hostPort|hostProcess|probe or lifecycle host|procMount|seLinuxOptions|forbidden (sysctls|AppArmor profiles?))$/;

  test.each(
    rows.filter((row) => row.expect === 'fail').map((row) => ({ ...row, name: `${row.level} ${row.file}` })),
  )('for $name leaves what no patch can give, and nothing else', ({ level, manifest }) => {
    if (level === 'privileged') return;
    const template = { path: 'spec.template.spec', manifest: podManifestOf(parse(manifest)) };
    const { remaining } = levelPatch({ template, patchType: 'strategic' }, { level, version: 'latest' });
    expect(remaining.filter(({ reason }) => !beyondPatches.test(reason))).toEqual([]);
  });
});

/** By version, the reasons. */
function refusals({ level, manifest, versions }: Row): readonly (readonly [string, readonly string[]])[] {
  const pod = podManifestOf(parse(manifest));
  return versions.map((version) => {
    const policy = { level, version: Number(version.slice('v1.'.length)) };
    return [version, podSecurityViolations(pod, policy).map(({ reason }) => reason)];
  });
}
