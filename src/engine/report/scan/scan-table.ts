// The table with which a scan begins: one row for each workload, in the columns that kubectl shows of a Diagnosis.

import type { DiagnosisStatus } from '../../model/diagnosis.ts';
import type { ScannedDiagnosis } from '../../model/scan.ts';
import type { Look } from '../look.ts';
import { tableText, type Column } from '../table.ts';

export const scanTable = (diagnoses: readonly ScannedDiagnosis[], look: Look): string =>
  tableText(columns, diagnoses, look);

const columns: readonly Column<ScannedDiagnosis>[] = [
  { title: 'NAMESPACE', cell: ({ namespace }) => namespace },
  { title: 'WORKLOAD', cell: ({ status }) => status.workload },
  { title: 'CAUSE', cell: ({ status }) => status.cause ?? '', style: () => 'failing' },
  { title: 'CONTAINER', cell: ({ status }) => containersIn(status) },
  { title: 'USER', cell: ({ status }) => status.findings[0]?.image.user ?? '', least: 8 },
  {
    title: 'FIX',
    cell: ({ status }) => status.fix?.summary ?? '',
    style: ({ status }) => (isProved(status) ? 'proved' : 'unproved'),
    least: 16,
  },
  { title: 'PODS', cell: ({ status }) => status.pods.summary },
];

/** The first one, and how many others. */
function containersIn({ findings: [first, ...more] }: DiagnosisStatus): string {
  const others = new Set(more.map(({ container }) => container.name));
  others.delete(first?.container.name ?? '');
  return `${first?.container.name ?? ''}${others.size > 0 ? ` +${others.size}` : ''}`;
}

export const isProved = ({ conditions }: DiagnosisStatus): boolean =>
  conditions.some(({ type, status }) => type === 'FixChecked' && status === 'True');
