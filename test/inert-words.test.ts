// Words of users who have rights in one namespace, or of images and servers, are words wherever they come out: in commands,
// YAML, on terminals, in Events and in JSON.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse } from 'yaml';

import { diagnose } from '../src/engine/diagnose/diagnose.ts';
import { fixFor } from '../src/engine/fix/fix.ts';
import { judge } from '../src/engine/judge.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import type { ScanReport } from '../src/engine/model/scan.ts';
import type { Snapshot } from '../src/engine/model/snapshot.ts';
import { plan } from '../src/engine/plan/plan.ts';
import { explanationText } from '../src/engine/explain/explanation.ts';
import { listAt, objectAt } from '../src/engine/platform/data/field.ts';
import { isReference } from '../src/engine/platform/kubernetes/controller-of.ts';
import { jsonText } from '../src/engine/report/output.ts';
import { scanText } from '../src/engine/report/scan/scan-report.ts';

const cases = fileURLToPath(new URL('../cases/', import.meta.url));
const recorded = readdirSync(cases, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[A-Z]\w+\/[\w.-]+\.json$/.test(file))
  .map((file) => JSON.parse(readFileSync(`${cases}${file}`, 'utf8')) as Snapshot);

/** Each tries to run a program called pwned, to leave its quotes, to move the cursor or to begin a line. */
const payloads = [
  ';pwned;:',
  '$(pwned)',
  '`pwned`',
  "';pwned;'",
  '";pwned;"',
  "'\\'';pwned #",
  '\npwned\n',
  '|pwned|',
  '&pwned&',
  '\npatch: injected',
  ' --kubeconfig=/dev/null',
  '\u001b[31m\u001b]0;pwned\u0007',
  '\u009b31m',
  '\u202epwned\u2066',
  '\u2028pwned\u0000',
  '\u{e0041}\ud800',
  ': {a: b} #',
  '<img src=x>|[x](javascript:x)',
  'x'.repeat(3_000),
];

/** Fields whose values are words of ours, or of Kubernetes, and times. */
const fixed =
  /^(?:is|ask|cause|type|code|makesUsersWith|family|attempt|tool|result|podManagement|digest|digestFrom|resolution|level|state|madeFrom|path|key|now|reason|\w*Time|creationTimestamp|namespace)$/;

/** The texts of a snapshot that others write. */
function textsIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return fixed.test(key) || value === '' ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, Array.isArray(value) ? key : name));
}

/** The same value with some texts replaced, wherever they stand. */
function replaced<T>(value: T, words: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    typeof inner === 'string' && !fixed.test(key) ? (words.get(inner) ?? inner) : inner,
  );
  return JSON.parse(text) as T;
}

const maxName = 253;

const hostileSnapshot = fc
  .record({
    snapshot: fc.constantFrom(...recorded),
    picks: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...payloads), fc.boolean()), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map(({ snapshot, picks }) => {
    const texts = [...new Set(textsIn(snapshot))];
    const words = picks.map(([index, payload, isWhole]) => {
      const text = texts[index % texts.length] ?? '';
      // Of all that users write, the API server sets no bound to what images are called.
      if (payload.length > maxName && !/^\S+\/\S+:\w+$/.test(text)) return [text, text] as const;
      return [text, isWhole ? payload : `${text}${payload}`] as const;
    });
    return replaced(snapshot, new Map(words));
  });

const policy = { allowRootExemption: true, settleSeconds: 30, keepResolvedSeconds: 60, countsSeconds: 10 };

const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const multiline = new Set(['patch', 'hardenedPatch', 'dockerfile', 'lines']);

/** Texts that a terminal would obey, or that have lines where they should have one. */
function loudIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string')
    return invisible.test(multiline.has(key) ? value.replaceAll('\n', '') : value)
      ? [`${key}: ${value}`]
      : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => loudIn(inner, Array.isArray(value) ? key : name));
}

const commandsIn = ({ fix }: DiagnosisStatus): readonly string[] => [
  ...(fix?.command === undefined ? [] : [fix.command]),
  ...(fix?.followUp ?? []).flatMap((step) => /: ((?:kubectl|oc|rootcause) .*)$/s.exec(step)?.[1] ?? []),
];

/** Run by a real shell in which every program but the shell's own only says that it ran, and pwned says so louder. */
function ranBy(commands: readonly string[]): string {
  const programs = ['kubectl', 'oc', 'rootcause'].map((name) => `${name}() { :; }`).join('\n');
  const script = [`pwned() { echo PWNED >&2; }`, programs, ...commands].join('\n');
  return execFileSync('/bin/sh', ['-c', `exec 2>&1; ${script}`], {
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
  });
}

test.each(payloads)(
  'no owner is called %j, so that no Diagnosis, metric or path is named for it',
  (payload) => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    expect(isReference(owner)).toBe(true);
    for (const field of ['apiVersion', 'kind', 'name'] as const)
      expect(isReference({ ...owner, [field]: `${owner[field]}${payload}` })).toBe(false);
  },
);

describe('hostile words in a snapshot', () => {
  test('come out as words', () => {
    const counts = { commands: 0, patches: 0 };
    fc.assert(
      fc.property(hostileSnapshot, (snapshot) => {
        const { status } = judge(snapshot, policy);
        if (!status) return;
        expect(loudIn(status)).toEqual([]);
        expect(
          isValid(status)
            ? []
            : isValid.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`),
        ).toEqual([]);
        const { actions } = plan(status, snapshot, policy);
        expect(loudIn(actions.map((action) => action.do === 'announce' && action.event))).toEqual([]);

        const commands = commandsIn(status);
        counts.commands += commands.length;
        expect(ranBy(commands)).not.toMatch(/PWNED|not found|[Ss]yntax/);

        const { verdict, failing, others } = diagnose(snapshot);
        const { fix } = fixFor({ findings: verdict.findings, failing, others }, snapshot, policy);
        if (status.fix?.patch !== undefined) counts.patches += 1;
        const written = status.fix?.patch === undefined ? undefined : (parse(status.fix.patch) as unknown);
        expect(written).toEqual(status.fix?.patch === undefined ? undefined : wellFormed(fix?.patch));

        const namespace = snapshot.workload?.ref.namespace ?? '';
        const workload = { apiVersion: 'v1', kind: 'Pod', name: 'x' };
        const report: ScanReport = {
          diagnoses: [{ namespace, workload, status }],
          neighbours: [],
          unread: [],
        };
        const explained = {
          workloads: [{ namespace, status, findings: [] }],
          groups: [],
          remarks: [],
          neighbours: [],
          notes: [],
        };
        for (const text of [scanText(report), explanationText(explained), jsonText(report)])
          expect(text.replaceAll('\n', '')).not.toMatch(invisible);
        expect(JSON.parse(jsonText(snapshot))).toEqual(JSON.parse(JSON.stringify(snapshot)));
        for (const line of linesOf(scanText(report)))
          expect(['pwned', 'patch: injected']).not.toContain(line);
      }),
      { numRuns: 300 },
    );
    expect(counts.commands).toBeGreaterThan(50);
    expect(counts.patches).toBeGreaterThan(30);
  });
});

const crd: unknown = parse(
  readFileSync(new URL('../crds/rootcause.dev_diagnoses.yaml', import.meta.url), 'utf8'),
);
const [version] = listAt(crd, 'spec', 'versions');
/** Whether the API server would take it: else nothing at all would be recorded. */
const isValid = new Ajv({ strict: false, validateFormats: false }).compile(
  objectAt(version, 'schema', 'openAPIV3Schema', 'properties', 'status'),
);

const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

/** As a file can hold it. */
const wellFormed = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? inner.toWellFormed() : inner)),
  );
