// The last step before a status is recorded or shown: no name in it, written by anyone, can move a cursor or forge a line.

import type { DiagnosisStatus } from '../../model/diagnosis.ts';
import { isObject } from '../../platform/data/field.ts';
import { visible } from '../output.ts';
import { printable } from '../../platform/data/printable.ts';

/** What is written in several lines; all else is one. */
const multiline: ReadonlySet<string> = new Set(['patch', 'hardenedPatch', 'dockerfile', 'lines']);

/** The same with each invisible character replaced by U+FFFD. */
export function printableStatus(status: DiagnosisStatus): DiagnosisStatus {
  // The shape stays, as only the characters of texts change.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return printableValue(status, '') as DiagnosisStatus;
}

function printableValue(value: unknown, key: string): unknown {
  if (typeof value === 'string') return multiline.has(key) ? visible(value) : printable(value, Infinity);
  if (Array.isArray(value)) return value.map((item: unknown) => printableValue(item, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, printableValue(inner, name)]),
  );
}
