// The output and the exit code of `rootcause scan`.

import type { ScanOutput, Terminal } from '../flags/terminal.ts';
import type { EnforcementReport, ScanProgress, ScanReport, ScanTrouble } from '../../engine/model/scan.ts';
import type { Look } from '../../engine/report/look.ts';
import { jsonText } from '../../engine/report/output.ts';
import {
  enforcementForPrograms,
  enforcementScript,
  enforcementText,
} from '../../engine/report/scan/scan-enforcement.ts';
import { scanText, troubleText } from '../../engine/report/scan/scan-report.ts';
import { yamlOf } from '../../engine/report/yaml.ts';

/** Exit code 0 if nothing fails, 1 if something fails, 2 if it is not known. */
export function showScan(
  found: ScanReport | ScanTrouble,
  output: ScanOutput,
  terminal: Terminal,
  look?: Look,
): number {
  if ('is' in found) return showTrouble(found, terminal);
  terminal.write(forPrograms(found, output) ?? scanText(found, output === 'wide', look));
  if (found.diagnoses.length > 0) return 1;
  // Something points at these objects, and they could not be read.
  return found.unread.some(({ name }) => name !== undefined) ? 2 : 0;
}

/** Exit code 0 if every namespace is known to be ready, 1 if not, 2 if the scan failed. */
export function showEnforcement(
  found: EnforcementReport | ScanTrouble,
  output: ScanOutput | 'patch',
  terminal: Terminal,
): number {
  if ('is' in found) return showTrouble(found, terminal);
  terminal.write(enforcementAs(output, found));
  return found.unread.length === 0 && found.namespaces.every(({ ready }) => ready) ? 0 : 1;
}

function enforcementAs(output: ScanOutput | 'patch', found: EnforcementReport): string {
  if (output === 'patch') return enforcementScript(found);
  return forPrograms(enforcementForPrograms(found), output) ?? enforcementText(found, output === 'wide');
}

/** Undefined where a person reads. */
function forPrograms(answer: object, output: ScanOutput): string | undefined {
  switch (output) {
    case 'json':
      return jsonText(answer);
    case 'yaml':
      return yamlOf(answer);
    case 'text':
    case 'wide':
      return undefined;
    default:
      return output satisfies never;
  }
}

function showTrouble(trouble: ScanTrouble, { complain }: Terminal): number {
  complain(`rootcause: ${troubleText(trouble)}\n`);
  return 2;
}

export function progressText(progress: ScanProgress): string {
  if (progress.stage === 'looking') return `checked ${progress.done} of ${progress.of} workloads`;
  const { kind, read, found } = progress;
  if (found === undefined) return `${kind}: ${read} read`;
  return `${kind}: up to ${read} searched; workloads to check: ${found}`;
}
