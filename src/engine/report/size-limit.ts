// Keeps a Diagnosis small whatever the workload holds: the whole object must stay under 8 KiB.

import type { DiagnosisStatus } from '../model/diagnosis.ts';

/** Leaves room for metadata, spec, and what the API server adds in managedFields. */
const maxStatusBytes = 6_144;

type Shorter = (status: DiagnosisStatus) => DiagnosisStatus | undefined;

/** In this order; each returns undefined when it has nothing left to cut. */
const steps: readonly Shorter[] = [dropHardened, dropDependents, dropAlternative, dropLastFinding];

/** Cuts the longest lists until the status fits. A patch is never cut. */
export function withinSizeLimit(status: DiagnosisStatus): DiagnosisStatus {
  let short = status;
  for (const step of steps) {
    for (let next = step(short); sizeBytes(short) > maxStatusBytes && next; next = step(short)) short = next;
  }
  const dropped = status.findings.length - short.findings.length;
  if (dropped === 0) return short;
  return { ...short, summary: `${short.summary} ${dropped} of them are not shown (size limit).` };
}

function dropHardened(status: DiagnosisStatus): DiagnosisStatus | undefined {
  if (status.fix?.hardenedPatch === undefined) return undefined;
  const {
    hardenedPatch: _patch,
    hardenedDigest: _digest,
    hardenedCertainty: _certainty,
    ...fix
  } = status.fix;
  return { ...status, fix };
}

/** What depends on the pods matters less than the findings. */
function dropDependents(status: DiagnosisStatus): DiagnosisStatus | undefined {
  const list = (['sameImage', 'autoscalers', 'disruptionBudgets', 'ingresses', 'services'] as const).find(
    (name) => (status.impact[name]?.length ?? 0) > 0,
  );
  if (list === undefined) return undefined;
  const { [list]: _list, ...impact } = status.impact;
  return { ...status, impact };
}

function dropAlternative(status: DiagnosisStatus): DiagnosisStatus | undefined {
  const alternatives = status.fix?.alternatives;
  if (!status.fix || !alternatives || alternatives.length === 0) return undefined;
  return { ...status, fix: { ...status.fix, alternatives: alternatives.slice(0, -1) } };
}

function dropLastFinding(status: DiagnosisStatus): DiagnosisStatus | undefined {
  return status.findings.length > 1 ? { ...status, findings: status.findings.slice(0, -1) } : undefined;
}

/** UTF-8 bytes as JSON, counted by hand since this folder runs in a browser as well. */
function sizeBytes(status: DiagnosisStatus): number {
  return encodeURIComponent(JSON.stringify(status).toWellFormed()).replaceAll(/%../g, '-').length;
}
