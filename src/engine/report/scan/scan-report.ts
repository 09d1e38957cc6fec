// What a scan of a cluster found, as text: a table, then what each workload needs.

import type { ScannedDiagnosis, ScanReport, ScanTrouble, Unread } from '../../model/scan.ts';
import { plainLook, wrapped, type Look } from '../look.ts';
import { neighbourLine } from '../neighbour-text.ts';
import { visible } from '../output.ts';
import { isProved, scanTable } from './scan-table.ts';
import { skippedChecks, withoutSkipped } from './skipped-checks.ts';
import { diagnosisText } from '../text.ts';

/** More workloads than these are an overview first; their details are asked for. */
const maxDetailed = 5;

/**
 * One row for each workload, the details of a few or of all, what is beside them, what could not be read, and the count
 * as the last line.
 *
 * @param isWide with the details of all workloads, and nothing in the table cut
 */
export function scanText(
  { diagnoses, neighbours, unread }: ScanReport,
  isWide = false,
  look: Look = plainLook,
): string {
  const isDetailed = isWide || diagnoses.length <= maxDetailed;
  const table =
    diagnoses.length === 0 ? [] : [scanTable(diagnoses, isWide ? { ...look, width: Infinity } : look)];
  const details = isDetailed ? diagnoses.map((one) => detailsOf(one, look)) : [];
  const others = neighbours.map((row) => `  ${neighbourLine(row)}.\n`).join('');
  const beside = others === '' ? [] : [visible(`Not one of ours:\n${others}`)];
  const notes = [...(isDetailed ? skippedChecks(diagnoses) : []), ...unreadLines(unread)];
  const noted = notes.length === 0 ? [] : [visible(`${notes.join('\n')}\n`)];
  const hint = isDetailed ? '' : ' For details, patches and commands add -o wide, and -n for one namespace.';
  return [...table, ...details, ...beside, ...noted, `${countText(diagnoses)}${hint}\n`].join('\n');
}

/** Patches and commands are indented further than any sentence, and stay as they are. */
function detailsOf({ namespace, status }: ScannedDiagnosis, { paint, wrapAt }: Look): string {
  const [heading = '', ...lines] = visible(diagnosisText(namespace, withoutSkipped(status))).split('\n');
  const shown = lines.flatMap((line) => (/^ {0,4}\S/.test(line) ? wrapped(line, wrapAt) : [line]));
  return [paint('heading', heading), ...shown].join('\n');
}

function countText(diagnoses: readonly ScannedDiagnosis[]): string {
  const proved = diagnoses.filter(({ status }) => isProved(status)).length;
  if (diagnoses.length === 0) return 'No failing workloads.';
  const workloads = diagnoses.length === 1 ? '1 workload fails' : `${diagnoses.length} workloads fail`;
  return `${workloads}; ${proved} with a proved fix.`;
}

/** The same of several objects once: `Not read: Pod shop/web-1 and 11 more: …`. */
export function unreadLines(unread: readonly Unread[]): readonly string[] {
  const groups = Map.groupBy(unread, (one) =>
    JSON.stringify([one.kind, one.name === undefined ? one.namespace : '', one.because]),
  );
  return [...groups.values()].flatMap(([first, ...more]) => (first ? unreadText(first, more.length) : []));
}

/** `Not read: Pod shop/web-1: …`, `Not read: every Event in all namespaces: …`. */
function unreadText({ kind, namespace, name, because }: Unread, more: number): string {
  const place = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`;
  const which = namespace === undefined ? name : `${namespace}/${name}`;
  const others = more > 0 ? ` and ${more} more` : '';
  return `Not read: ${name === undefined ? `every ${kind} ${place}` : `${kind} ${which}`}${others}: ${because}`;
}

/** One sentence. */
export const troubleText = ({ is, said }: ScanTrouble): string => troubles[is](said);

const troubles: Readonly<Record<ScanTrouble['is'], (said: string) => string>> = {
  forbidden: (said) =>
    `This account has no permission to read what a scan needs; use --namespaces for the namespaces that it can read: ${said}`,
  noNamespace: (said) => `There is no namespace ${said}.`,
  failed: (said) => `The cluster could not be read: ${said}`,
};
