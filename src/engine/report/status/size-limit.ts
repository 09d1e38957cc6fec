// Keeps a Diagnosis small whatever the workload holds: the whole object must stay under 32 KiB.

import type { DiagnosisStatus, RecordedFix } from '../../model/diagnosis.ts';
import { maxFindings } from '../../model/finding.ts';

/** Leaves room for metadata, spec, and what the API server adds in managedFields. */
const maxStatusBytes = 28_672;

/** As the schema has it for each patch, and for the command that carries one. */
const maxPatchLength = 16_384;

type Shorter = (status: DiagnosisStatus) => DiagnosisStatus | undefined;

/**
 * In this order, so that what a person acts on goes last; each returns undefined when it has nothing left to cut. A patch
 * is shown whole or not at all.
 */
const steps: readonly Shorter[] = [
  dropDependents,
  dropAlternative,
  dropHardened,
  dropCommand,
  dropLastFinding,
  dropPatch,
];

/** Cuts the longest lists until the status fits, and says so in the summary. */
export function withinSizeLimit(status: DiagnosisStatus): DiagnosisStatus {
  let short = withoutLongPatches({ ...status, findings: status.findings.slice(0, maxFindings) });
  for (const step of steps) {
    for (let next = step(short); sizeBytes(short) > maxStatusBytes && next; next = step(short)) short = next;
  }
  const left = omissions(status, short);
  return left.length === 0 ? short : { ...short, summary: [short.summary, ...left].join(' ') };
}

function withoutLongPatches(status: DiagnosisStatus): DiagnosisStatus {
  const { fix } = status;
  if (!fix) return status;
  const isShort = (text = ''): boolean => text.length <= maxPatchLength;
  const { alternatives = [] } = fix;
  const short = alternatives.filter(({ patch }) => isShort(patch));
  const kept = short.length < alternatives.length ? withFix(status, { ...fix, alternatives: short }) : status;
  const confined = isShort(fix.hardenedPatch) ? kept : (dropHardened(kept) ?? kept);
  if (!isShort(fix.patch)) return dropPatch(confined) ?? confined;
  return isShort(fix.command) ? confined : (dropCommand(confined) ?? confined);
}

const withFix = (status: DiagnosisStatus, fix: RecordedFix): DiagnosisStatus => ({ ...status, fix });

/** What depends on the pods matters less than the findings. */
function dropDependents(status: DiagnosisStatus): DiagnosisStatus | undefined {
  const list = dependents.find((name) => (status.impact[name]?.length ?? 0) > 0);
  if (list === undefined) return undefined;
  const { [list]: _list, ...impact } = status.impact;
  return { ...status, impact };
}

const dependents = ['sameImage', 'autoscalers', 'disruptionBudgets', 'ingresses', 'services'] as const;

function dropAlternative(status: DiagnosisStatus): DiagnosisStatus | undefined {
  const { fix } = status;
  const { alternatives = [] } = fix ?? {};
  if (!fix || alternatives.length === 0) return undefined;
  return withFix(status, { ...fix, alternatives: alternatives.slice(0, -1) });
}

function dropHardened(status: DiagnosisStatus): DiagnosisStatus | undefined {
  if (status.fix?.hardenedPatch === undefined) return undefined;
  const {
    hardenedPatch: _patch,
    hardenedDigest: _digest,
    hardenedCertainty: _certainty,
    ...fix
  } = status.fix;
  return withFix(status, fix);
}

/** It holds the patch once more. */
function dropCommand(status: DiagnosisStatus): DiagnosisStatus | undefined {
  if (status.fix?.command === undefined) return undefined;
  const { command: _command, ...fix } = status.fix;
  return withFix(status, fix);
}

function dropLastFinding(status: DiagnosisStatus): DiagnosisStatus | undefined {
  return status.findings.length > 1 ? { ...status, findings: status.findings.slice(0, -1) } : undefined;
}

/** What remains names the change; a person makes it in the source. */
function dropPatch(status: DiagnosisStatus): DiagnosisStatus | undefined {
  if (status.fix?.patch === undefined) return undefined;
  const { patch: _patch, digest: _digest, command: _command, ...fix } = status.fix;
  return withFix(status, { ...fix, type: 'Manual' });
}

/** `1 more finding is not shown (size limit).`, a sentence for each thing that is left out. */
function omissions(whole: DiagnosisStatus, short: DiagnosisStatus): readonly string[] {
  const lost = (countIn: (of: DiagnosisStatus) => number): number => countIn(whole) - countIn(short);
  const isLost = (valueIn: (of: DiagnosisStatus) => unknown): boolean =>
    lost((of) => (valueIn(of) === undefined ? 0 : 1)) > 0;
  return [
    ...counted(
      lost(({ findings }) => findings.length),
      'more finding',
    ),
    ...(isLost(({ fix }) => fix?.patch) ? ['The patch is'] : []),
    ...(isLost(({ fix }) => fix?.command) ? ['The command is'] : []),
    ...(isLost(({ fix }) => fix?.hardenedPatch) ? ['The hardened patch is'] : []),
    ...counted(
      lost(({ fix }) => fix?.alternatives?.length ?? 0),
      'alternative',
    ),
    ...dependents.filter((list) => isLost(({ impact }) => impact[list])).map((list) => `impact.${list} is`),
  ].map((what) => `${what} not shown (size limit).`);
}

function counted(count: number, noun: string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`];
}

/** UTF-8 bytes as JSON, counted by hand since this folder runs in a browser as well. */
function sizeBytes(status: DiagnosisStatus): number {
  return encodeURIComponent(JSON.stringify(status).toWellFormed()).replaceAll(/%../g, '-').length;
}
