// Checks that were skipped for many workloads for one reason: that is printed once.

import type { DiagnosisStatus } from '../../model/diagnosis.ts';
import type { Check } from '../../model/fix.ts';
import type { ScannedDiagnosis } from '../../model/scan.ts';

const isSkipped = ({ result }: Check): boolean => result === 'Skipped';

export function withoutSkipped(status: DiagnosisStatus): DiagnosisStatus {
  const { fix } = status;
  if (!fix?.checks?.some(isSkipped)) return status;
  return { ...status, fix: { ...fix, checks: fix.checks.filter((check) => !isSkipped(check)) } };
}

/** `DryRun skipped for 12 fixes: …` */
export function skippedChecks(diagnoses: readonly ScannedDiagnosis[]): readonly string[] {
  const skipped = diagnoses.flatMap(({ status }) => (status.fix?.checks ?? []).filter(isSkipped));
  const groups = Map.groupBy(skipped, ({ name, message }) => JSON.stringify([name, message]));
  return [...groups.values()].flatMap(([first, ...more]) => {
    const fixes = more.length === 0 ? '1 fix' : `${more.length + 1} fixes`;
    return first ? `${first.name} skipped for ${fixes}: ${first.message}` : [];
  });
}
