// Rows of the tables of Events that `kubectl get events` and `kubectl describe` print.

import { isLabel } from '../../messages/kubelet/kubelet-suffix.ts';
import type { WorkloadName } from '../../model/reported-failure.ts';
import { namedAs } from './commands.ts';

/** With its type and reason, which stand in columns of their own. */
const row =
  /^(?<before>[ \t>|]*(?:\S.{0,200}?[ \t]{2,})?)(?:Normal|Warning)[ \t]{2,}[A-Z]\w{2,60}[ \t]{2,}(?<rest>\S.*)$/;

/**
 * The message alone: the first column behind the reason that is a sentence, and no age or object. Empty for a row
 * without one, undefined for another line.
 */
export function messageOfRow(line: string): string | undefined {
  const rest = row.exec(line)?.groups?.['rest'];
  if (rest === undefined) return undefined;
  let at = 0;
  for (const column of rest.split(/[ \t]{2,}/)) {
    if (/\S \S+ \S/.test(column) && !/^(?:\d+[smhdwy]|<)/.test(column)) return rest.slice(at);
    at = rest.indexOf(column, at) + column.length;
    at += /^[ \t]*/.exec(rest.slice(at))?.[0].length ?? 0;
  }
  return '';
}

/** `kubectl get events --all-namespaces` begins each row with it; without that an age comes first. */
export function namespaceOfRow(line: string): string | undefined {
  const before = row.exec(line)?.groups?.['before'] ?? '';
  const namespace = /^[ \t>|]*([a-z0-9-]{1,63})[ \t]{2,}(?:\d+[smhdwy]|<)/.exec(before)?.[1];
  return namespace !== undefined && isLabel(namespace) ? namespace : undefined;
}

/** `kubectl get events` names the object in a column of its own: `statefulset/db`. */
export function workloadOfRow(line: string): WorkloadName | undefined {
  const rest = row.exec(line)?.groups?.['rest'] ?? '';
  const [, kind = '', name = ''] = /^([a-z]{2,20})\/([a-z0-9.-]{1,253})[ \t]{2,}/.exec(rest) ?? [];
  return namedAs(kind, name).workload;
}
