// The columns that kubectl prints: the CRD's own, and those of pods and workloads.

import type { Column } from './custom-schema.ts';
import { asFields, asList, asText, at, isFields, type Json, type KubeObject } from './object.ts';
import type { Resource } from './resource.ts';

export type TableColumn = {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** Above 0: only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubeObject) => Json;
};

/** Name first, then the kind's own columns; Age where a kind has none. */
export function tableColumns(resource: Resource): readonly TableColumn[] {
  const name = { ...column('Name', ({ metadata }) => metadata.name), format: 'name' };
  const custom = (resource.custom?.columns ?? []).map(columnAsDeclared);
  if (custom.length > 0) return [name, ...custom];
  return [
    name,
    ...(builtIn[resource.kind] ?? []),
    column('Age', ({ metadata }) => age(metadata.creationTimestamp)),
  ];
}

export function tableRow(columns: readonly TableColumn[], object: KubeObject): readonly Json[] {
  return columns.map(({ cell }) => cell(object));
}

function columnAsDeclared({ jsonPath, ...declared }: Column): TableColumn {
  return { ...declared, format: '', cell: (object) => cellAt(object, jsonPath, declared.type) };
}

function column(name: string, cell: (object: KubeObject) => Json): TableColumn {
  return { name, type: 'string', format: '', description: '', priority: 0, cell };
}

const readyReplicas = column('Ready', (object) => {
  const ready = asText(at(object, 'status', 'readyReplicas')) || '0';
  return `${ready}/${asText(at(object, 'spec', 'replicas')) || '1'}`;
});

const builtIn: Readonly<Record<string, readonly TableColumn[]>> = {
  Pod: [column('Ready', podReady), column('Status', podStatus), column('Restarts', podRestarts)],
  Deployment: [readyReplicas],
  StatefulSet: [readyReplicas],
  ReplicaSet: [readyReplicas],
  Namespace: [column('Status', (object) => asText(at(object, 'status', 'phase')))],
};

function containerStatuses(pod: KubeObject): readonly Json[] {
  return asList(at(pod, 'status', 'containerStatuses'));
}

function podReady(pod: KubeObject): string {
  const ready = containerStatuses(pod).filter((status) => at(status, 'ready') === true).length;
  return `${ready}/${asList(at(pod, 'spec', 'containers')).length}`;
}

function podRestarts(pod: KubeObject): number {
  return containerStatuses(pod).reduce(
    (sum: number, status) => sum + Number(at(status, 'restartCount') ?? 0),
    0,
  );
}

function podStatus(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  const waitsIn = (list: string): string | undefined =>
    asList(at(pod, 'status', list))
      .map(stateReason)
      .find((reason) => reason !== '');
  const init = waitsIn('initContainerStatuses');
  if (init !== undefined) return `Init:${init}`;
  return waitsIn('containerStatuses') ?? asText(at(pod, 'status', 'phase'));
}

function stateReason(status: Json): string {
  const { waiting, terminated } = asFields(at(status, 'state'));
  return asText(at(waiting ?? terminated, 'reason')).replace(/^Completed$/, '');
}

/** JSONPath as far as columns use it: `.status.findings[0].container.name`. Nothing there prints as nothing. */
function cellAt(object: KubeObject, jsonPath: string, type: string): Json {
  const steps = jsonPath.split(/[.[\]]+/).filter((step) => step !== '');
  const found = steps.reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return (value as readonly Json[])[Number(step)];
    return isFields(value) ? value[step] : undefined;
  }, object);
  if (type === 'date') return age(asText(found));
  return found ?? null;
}

/** `50s`, `5m3s`, `4h`, `2d3h`: as kubectl writes durations. */
function age(time: string | undefined): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return joined(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return joined(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  return days < 8 ? joined(days, 'd', hours % 24, 'h') : `${days}d`;
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`;
}
