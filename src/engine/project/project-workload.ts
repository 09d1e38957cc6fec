// Projects a workload of any kind: its template, its selector, how many pods it wants and has, and who writes it.

import type { Workload } from '../model/snapshot.ts';
import type { CreateFailure } from '../model/create-failure.ts';
import type { Template } from '../model/pod.ts';
import type { ObjectRef } from '../model/workload.ts';
import { isObject, listAt, numberAt, objectAt, present, textAt } from '../platform/data/field.ts';
import type { WorkloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { unknownKind, workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { managedFieldsOf } from './field-managers.ts';
import { projectMarks } from './project-marks.ts';
import { projectDeclaration } from './project-declaration.ts';
import { createFailuresIn } from './project-create-failure.ts';

/** `selector` is absent where the object has none that selects anything. */
export type OwnerFields = Omit<Workload, 'ref' | 'incomplete'> & {
  readonly muteUntil?: string;
  /** As far as its own conditions say. */
  readonly createFailures?: readonly CreateFailure[];
};

/** Works on every kind that keeps its pod template where the built-in kinds do. */
export function projectWorkload(ref: Omit<ObjectRef, 'name'>, object: unknown): OwnerFields {
  const row = workloadKind(ref);
  const rollout = row?.rollout?.(objectAt(object, 'spec')) ?? {};
  return present({
    template: row?.kind === 'Pod' ? declaredPod(object) : templateIn(object, row),
    selector: selectorOf(object, row),
    ...countsOf(object, row),
    revision: isObserved(object) ? row?.revision?.now(object) : undefined,
    generation: numberAt(object, 'metadata', 'generation'),
    rollout: Object.keys(rollout).length > 0 ? rollout : undefined,
    marks: projectMarks(object),
    isStatic: row?.kind === 'Pod' && isMirror(object) ? true : undefined,
    muteUntil: muteUntilOf(object),
    createFailures: createFailuresIn(object),
  });
}

const isMirror = (object: unknown): boolean =>
  textAt(object, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined;

/** The annotation that silences events and metrics of a workload or of a whole namespace until a date. */
export function muteUntilOf(object: unknown): string | undefined {
  return textAt(object, 'metadata', 'annotations', 'rootcause.dev/mute-until')?.slice(0, 64);
}

function templateIn(object: unknown, row: WorkloadKind | undefined): Template | undefined {
  const path = (row ? [row.template] : unknownKind.templates)
    .map((template) => template.concat('spec'))
    .find((candidate) => listAt(object, ...candidate, 'containers').length > 0);
  return path && templateAt(object, path, managedFieldsOf(object));
}

/**
 * What a person declared of a bare Pod. managedFields do not show what an admission
 * webhook added to it, but kubectl's record of the applied manifest does, where there is one.
 */
function declaredPod(pod: unknown): Template {
  const applied = textAt(pod, 'metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration');
  return templateAt(parsed(applied) ?? pod, ['spec'], managedFieldsOf(pod));
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isObject(value['spec']) ? value : undefined;
  } catch {
    return undefined;
  }
}

function templateAt(object: unknown, path: readonly string[], managedFields: readonly unknown[]): Template {
  const managed = path.map((part) => `f:${part}`);
  const declared = projectDeclaration(objectAt(object, ...path.slice(0, -1)), managedFields, managed);
  return { path: path.join('.'), ...declared };
}

/** An object that starts no more pods wants none. */
function countsOf(object: unknown, row: WorkloadKind | undefined) {
  const counts = row ? row.counts : unknownKind.counts;
  if (!counts) return {};
  const desired = row?.hasEnded?.(object) ? 0 : numberAt(object, ...counts.desired);
  if (desired === undefined) return {};
  const { updated } = row?.counts ?? {};
  return {
    desired,
    // Of a known kind an absent number is zero; another may count them elsewhere.
    ready: numberAt(object, ...counts.ready) ?? (row && 0),
    updated: updated && (isObserved(object) ? (numberAt(object, ...updated) ?? 0) : 0),
  };
}

/** False where its controller has not yet seen the latest change of its spec: then its status is about an older one. */
function isObserved(object: unknown): boolean {
  const generation = numberAt(object, 'metadata', 'generation');
  const observed = numberAt(object, 'status', 'observedGeneration');
  return generation === undefined || observed === undefined || observed >= generation;
}

const operators: ReadonlyMap<string, (key: string, values: string) => string> = new Map([
  ['In', (key, values) => `${key} in (${values})`],
  ['NotIn', (key, values) => `${key} notin (${values})`],
  ['Exists', (key) => key],
  ['DoesNotExist', (key) => `!${key}`],
]);

function selectorOf(object: unknown, row: WorkloadKind | undefined): string | undefined {
  const selector = objectAt(object, 'spec', 'selector');
  const pairs = row?.selector === 'pairs' ? selector : objectAt(selector, 'matchLabels');
  const labels = Object.entries(pairs).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = listAt(selector, 'matchExpressions').map((expression) => {
    const write = operators.get(textAt(expression, 'operator') ?? '');
    return write?.(textAt(expression, 'key') ?? '', listAt(expression, 'values').join(','));
  });
  const terms = [...labels, ...expressions];
  return terms.length > 0 && terms.every((term) => term !== undefined) ? terms.join(',') : undefined;
}
