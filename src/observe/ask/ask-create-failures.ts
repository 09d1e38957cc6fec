// Answers the question who may not create the pods of a workload, from the Events of its controllers.

import type { KubeClient } from '../../kube/api/client.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { CreateFailure } from '../../engine/model/create-failure.ts';
import type { CreateFailuresAnswer, CreateFailuresQuestion } from '../../engine/model/question.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { keyOf } from '../../engine/model/workload.ts';
import { wantsPods } from '../../engine/diagnose/witnesses/create-failures.ts';
import { textAt } from '../../engine/platform/data/field.ts';
import type { Owners } from '../owners.ts';
import { workloadKind } from '../../engine/platform/kubernetes/workload-kinds.ts';
import { lastTimeOf } from '../../engine/project/project-event.ts';
import type { FailedCreate } from '../../engine/project/project-create-failure.ts';
import {
  failedCreateEvents,
  projectFailedCreate,
  podSecurityNeedle,
} from '../../engine/project/project-create-failure.ts';

/** Events read for one workload; a controller soon sums its up, and they are gone after an hour. */
const maxEvents = 1_000;
/** Controllers read for one workload, those that failed last: a CronJob may have many Jobs. */
const maxControllers = 10;

type CreateFailureSources = { readonly client: KubeClient; readonly owners: Owners };

/** What the newest words of one controller come to. */
type ControllerState = CreateFailure | 'over' | 'nothing';

/**
 * One refusal for each controller that is this workload or belongs to it, that still wants pods, and whose newest words
 * are that Pod Security refuses one.
 *
 * @throws KubeError for trouble that passes; what will stay refused is an answer, with the reason
 */
export async function askCreateFailures(
  question: CreateFailuresQuestion,
  sources: CreateFailureSources,
  signal: AbortSignal,
): Promise<CreateFailuresAnswer> {
  try {
    const failures = await failuresBelow(question.workload, sources, signal);
    const states = await Promise.all(failures.map((failed) => stateOf(failed, sources, signal)));
    const createFailures = states.filter((one) => typeof one === 'object');
    const [first] = createFailures;
    const template =
      first && question.lacksTemplate
        ? await sources.owners.templateAbove(question.workload, first.owner, signal)
        : undefined;
    return {
      question,
      createFailures,
      ...(template && { template }),
      ...(states.includes('over') && { over: true }),
    };
  } catch (error) {
    if (!(error instanceof KubeError) || error.temporary) throw error;
    return { question, createFailures: [], because: error.code };
  }
}

/** `createdTime`: when the controller last created a pod, as far as Events tell; '' where they do not. */
type NewestFailure = FailedCreate & { readonly createdTime: string };

/** The newest failure of each controller, whatever it says; the newest controllers first. */
async function failuresBelow(
  workload: WorkloadRef,
  { client, owners }: CreateFailureSources,
  signal: AbortSignal,
): Promise<readonly NewestFailure[]> {
  const newest = new Map<string, FailedCreate>();
  const created = new Map<string, string>();
  for (const fieldSelector of selectorsFor(workload))
    for await (const object of client.list(eventsIn(workload), { fieldSelector }, signal, {
      max: maxEvents,
    })) {
      const uid = textAt(object, 'involvedObject', 'uid') ?? '';
      const failed = projectFailedCreate(object);
      const known = newest.get(uid);
      if (failed?.controller.namespace === workload.namespace && (!known || isLater(failed, known)))
        newest.set(uid, failed);
      if (textAt(object, 'reason') === 'SuccessfulCreate')
        created.set(uid, later(lastTimeOf(object), created.get(uid)));
    }
  const key = keyOf(workload);
  const found: NewestFailure[] = [];
  for (const failed of [...newest.values()].toSorted(byTime)) {
    if (found.length === maxControllers) break;
    const { controller } = failed;
    const top = await owners.likelyTopOf({ ref: controller, parent: controller }, signal);
    const createdTime = created.get(controller.uid) ?? '';
    if (keyOf(top) === key) found.push({ ...failed, createdTime });
  }
  return found;
}

const later = (time: string, known = ''): string => (time > known ? time : known);

async function stateOf(
  { controller, message, lastTime, createdTime }: NewestFailure,
  sources: CreateFailureSources,
  signal: AbortSignal,
): Promise<ControllerState> {
  const details = await sources.owners.detailsOf(controller, signal);
  if (!details.exists || !wantsPods(details)) return 'nothing';
  // Events stay when the refusal is over, while this condition goes.
  if (workloadKind(controller)?.reportsCreateFailure === true && !details.incomplete)
    return details.createFailures?.[0] ?? 'over';
  if (!message.includes(podSecurityNeedle)) return 'over';
  if (createdTime >= lastTime) return 'over';
  const { apiVersion, kind, name } = controller;
  return { owner: { apiVersion, kind, name }, message, lastTime };
}

const eventsIn = ({ namespace }: Pick<WorkloadRef, 'namespace'>): string =>
  pathOf({ apiVersion: 'v1', plural: 'events', namespace });

/**
 * Selects Events about controllers that can belong to the workload: without this, those of others would use up what is
 * read. A namespace's Events are all read by the API server for each list, so that one list is better than two.
 */
function selectorsFor(workload: WorkloadRef): readonly string[] {
  const row = workloadKind(workload);
  if (row && row.child === undefined)
    return [`involvedObject.kind=${row.kind},involvedObject.name=${escaped(workload.name)}`];
  const child = row ? `,involvedObject.kind=${row.child}` : '';
  return [`${failedCreateEvents}${child}`, `reason=SuccessfulCreate${child}`];
}

/** As the API server wants these three characters in the values of field selectors. */
const escaped = (value: string): string => value.replaceAll(/[\\,=]/g, String.raw`\$&`);

/** Two of the same second cannot be put in order: one that says something else wins, so that no workload is blamed by chance. */
function isLater(failed: FailedCreate, known: FailedCreate): boolean {
  if (failed.lastTime !== known.lastTime) return failed.lastTime > known.lastTime;
  return !failed.message.includes(podSecurityNeedle);
}

const byTime = (a: FailedCreate, b: FailedCreate): number => {
  if (a.lastTime === b.lastTime) return a.controller.name < b.controller.name ? -1 : 1;
  return a.lastTime > b.lastTime ? -1 : 1;
};
