// What an Event on a workload says: what is wrong or over, the fix, and where to read more.

import type { DiagnosisStatus } from '../model/diagnosis.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { printableLine } from '../platform/data/printable.ts';
import { diagnosisName } from '../platform/kubernetes/diagnosis-name.ts';
import { shell } from './shell.ts';

/** The API server takes 1,024 bytes; what is cut is the summary, which the Diagnosis has in full. */
const maxCharacters = 800;

export function announcementText({ summary, fix }: DiagnosisStatus, ref: WorkloadRef): string {
  const { sh } = shell`kubectl -n ${ref.namespace} describe diagnosis ${diagnosisName(ref)}`;
  const more = `${fix ? ` Fix: ${printableLine(fix.summary, 160)}.` : ''} See: ${sh}`;
  return printableLine(summary, Math.max(80, maxCharacters - more.length)) + more;
}
