// What a scan of a cluster found, as text.

import type { DiagnosisStatus } from '../model/diagnosis.ts';
import type { ScanReport, ScanTrouble, Unread } from '../model/scan.ts';
import { neighbourLine } from './neighbour-text.ts';
import { visible } from './output.ts';
import { diagnosisText } from './text.ts';

/** Every diagnosis, what could not be read, and the count as the last line. */
export function scanText({ diagnoses, neighbours, unread }: ScanReport): string {
  const parts = diagnoses.map(({ namespace, status }) => diagnosisText(namespace, status));
  const others = neighbours.map((row) => `  ${neighbourLine(row)}.\n`).join('');
  const beside = others === '' ? [] : [`Not one of ours:\n${others}`];
  const notes = unread.map((one) => `${unreadText(one)}\n`).join('');
  const proved = diagnoses.filter(({ status }) => isProved(status)).length;
  const last = `${countText(diagnoses.length, proved)}\n`;
  return visible([...parts, ...beside, ...(notes === '' ? [] : [notes]), last].join('\n'));
}

const isProved = ({ conditions }: DiagnosisStatus): boolean =>
  conditions.some(({ type, status }) => type === 'FixChecked' && status === 'True');

function countText(failing: number, proved: number): string {
  if (failing === 0) return 'No failing workloads.';
  const workloads = failing === 1 ? '1 workload fails' : `${failing} workloads fail`;
  return `${workloads}; ${proved} with a proved fix.`;
}

/** `Not read: Pod shop/web-1: …`, `Not read: every Event in all namespaces: …`. */
export function unreadText({ kind, namespace, name, because }: Unread): string {
  const place = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`;
  const which = namespace === undefined ? name : `${namespace}/${name}`;
  return `Not read: ${name === undefined ? `every ${kind} ${place}` : `${kind} ${which}`}: ${because}`;
}

/** One sentence. */
export const troubleText = ({ is, said }: ScanTrouble): string => troubles[is](said);

const troubles: Readonly<Record<ScanTrouble['is'], (said: string) => string>> = {
  forbidden: (said) =>
    `This account has no permission to read what a scan needs; use --namespaces for the namespaces that it can read: ${said}`,
  noNamespace: (said) => `There is no namespace ${said}.`,
  failed: (said) => `The cluster could not be read: ${said}`,
};
