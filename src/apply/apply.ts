// Does actions in order and returns what came of each. Decides nothing, and waits for nothing but the API server.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Action, Announcement, Outcome } from '../engine/model/action.ts';
import { diagnosisApiVersion } from '../engine/model/diagnosis.ts';
import type { WorkloadRef } from '../engine/model/workload.ts';

/** Our field manager: what it owns of a Diagnosis is the whole of status, and spec.workloadRef. */
const manager = 'rootcause';

export type Applier = { readonly client: KubeClient; readonly nowMs: () => number };

/**
 * @returns one outcome for each action that was tried; the rest is not tried once the Diagnosis turns out to be gone
 * @throws KubeError when the API server refused or could not answer
 */
export async function apply(
  actions: readonly Action[],
  applier: Applier,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const action of actions) {
    const result = await applyOne(action, applier, signal);
    outcomes.push({ action: action.do, result });
    if (result === 'gone') break;
  }
  return outcomes;
}

async function applyOne(action: Action, applier: Applier, signal: AbortSignal): Promise<Outcome['result']> {
  const { client } = applier;
  switch (action.do) {
    case 'create':
      await client.apply(
        diagnosisPath(action.workload.namespace, action.name),
        newDiagnosis(action),
        signal,
        {
          manager,
        },
      );
      return 'done';
    case 'writeStatus':
      return writeStatus(action, client, signal);
    case 'remove':
      return client.remove(diagnosisPath(action.namespace, action.name), signal);
    case 'announce':
      return announce(action.workload, action.event, applier, signal);
    default:
      return action satisfies never;
  }
}

function diagnosisPath(namespace: string, name: string, subresource?: string): string {
  const at = { apiVersion: diagnosisApiVersion, plural: 'diagnoses', namespace, name };
  return pathOf(subresource === undefined ? at : { ...at, subresource });
}

/** Owned by the workload, so that the garbage collector takes it along. */
function newDiagnosis({ name, workload }: Extract<Action, { do: 'create' }>): unknown {
  const { apiVersion, kind, uid } = workload;
  return {
    apiVersion: diagnosisApiVersion,
    kind: 'Diagnosis',
    metadata: {
      name,
      namespace: workload.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'rootcause' },
      ...(uid !== '' && { ownerReferences: [{ apiVersion, kind, name: workload.name, uid }] }),
    },
    spec: { workloadRef: { apiVersion, kind, name: workload.name } },
  };
}

type WriteStatus = Extract<Action, { do: 'writeStatus' }>;

async function writeStatus(
  { name, namespace, status }: WriteStatus,
  client: KubeClient,
  signal: AbortSignal,
) {
  const body = { apiVersion: diagnosisApiVersion, kind: 'Diagnosis', metadata: { name, namespace }, status };
  try {
    await client.apply(diagnosisPath(namespace, name, 'status'), body, signal, { manager, force: true });
    return 'done';
  } catch (error) {
    if (error instanceof KubeError && error.code === 'notFound') return 'gone';
    throw error;
  }
}

/**
 * One that is there already was announced by an earlier try. The record matters more than its announcement: where Events
 * may not be written, nothing else fails.
 */
async function announce(
  workload: WorkloadRef,
  event: Announcement,
  { client, nowMs }: Applier,
  signal: AbortSignal,
): Promise<Outcome['result']> {
  const path = pathOf({ apiVersion: 'v1', plural: 'events', namespace: workload.namespace });
  try {
    await client.create(path, eventOn(workload, event, new Date(nowMs()).toISOString()), signal);
    return 'done';
  } catch (error) {
    if (!(error instanceof KubeError) || error.temporary || error.code === 'aborted') throw error;
    return error.code === 'conflict' ? 'done' : 'failed';
  }
}

const maxEventMessageLength = 1_000;

function eventOn(workload: WorkloadRef, { type, reason, message, id }: Announcement, time: string): unknown {
  const { apiVersion, kind, name, namespace, uid } = workload;
  const seconds = `${time.slice(0, 19)}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${eventNamePart(name)}.${id}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid },
    type,
    reason,
    message: message.slice(0, maxEventMessageLength),
    source: { component: manager },
    reportingComponent: 'rootcause.dev/operator',
    firstTimestamp: seconds,
    lastTimestamp: seconds,
    count: 1,
  };
}

/** As much of the workload's name as the name of an Event may hold. */
function eventNamePart(name: string): string {
  const part = name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]/g, '-')
    .slice(0, 200);
  return part.replaceAll(/^[-.]+|[-.]+$/g, '') || 'workload';
}
