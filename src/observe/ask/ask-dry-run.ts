// Answers the question whether the API server would accept a patch, by a dry run: admission judges it, nothing is stored.

import { Deadline } from '../../net/deadline.ts';
import type { KubeClient } from '../../kube/api/client.ts';
import type { Discovery } from '../../kube/api/discovery.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { DryRun, DryRunAnswer, DryRunQuestion } from '../../engine/model/question.ts';
import { groupOf } from '../../engine/model/workload.ts';
import { printable } from '../../engine/platform/data/printable.ts';
import { workloadKind } from '../../engine/platform/kubernetes/workload-kinds.ts';
import type { AccessReviews } from '../access-reviews.ts';
import { resourceOf } from '../resource.ts';

/** Owns nothing, as nothing is stored; audit logs and admission policies see the name. */
const manager = 'rootcause-dry-run';
/** Admission webhooks are asked on the way, and may take long. */
const defaultLimitMs = 10_000;
const maxBecause = 700;
const maxWarning = 512;

export type DryRunMeans = {
  readonly client: KubeClient;
  readonly discovery: Discovery;
  readonly access: AccessReviews;
  /** How long one dry run may take. */
  readonly limitMs?: number;
};

/**
 * Asks first whether the account may patch at all: nothing is sent that would stand as forbidden in an audit log.
 *
 * @throws KubeError for trouble that passes; what will stay so is an answer, with the reason
 */
export async function askDryRun(
  question: DryRunQuestion,
  means: DryRunMeans,
  signal: AbortSignal,
): Promise<DryRunAnswer> {
  return { question, tried: await tryOut(question, means, signal) };
}

async function tryOut(
  { workload, patch }: DryRunQuestion,
  means: DryRunMeans,
  signal: AbortSignal,
): Promise<DryRun> {
  const { apiVersion, kind, namespace, name } = workload;
  if (!workloadKind(workload))
    return untried(`${kind} is a custom kind, which takes no strategic merge patch`);
  const resource = (await resourceOf(workload, means.discovery, signal))?.plural;
  if (resource === undefined) return untried(`the API server has no kind ${kind} in ${apiVersion}`);
  const right = { verb: 'patch', group: groupOf(apiVersion), resource, namespace };
  if (!(await means.access.allows(right, signal))) return notAllowed(resource, namespace);
  const path = pathOf({ apiVersion, plural: resource, namespace, name });
  try {
    return await send(path, patch, means, signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return isPlainlyForbidden(error) ? notAllowed(resource, namespace) : judged(error);
  }
}

async function send(
  path: string,
  patch: unknown,
  { client, limitMs = defaultLimitMs }: DryRunMeans,
  signal: AbortSignal,
): Promise<DryRun> {
  using deadline = new Deadline(signal, limitMs);
  try {
    const options = { manager, fieldValidation: 'Strict' } as const;
    const { warnings } = await client.dryRunPatch(path, patch, deadline.signal, options);
    return { is: 'accepted', warnings: warnings.map((text) => printable(text, maxWarning)) };
  } catch (error) {
    if (!deadline.hasPassed) throw error;
    return untried(`no answer within ${limitMs / 1000} s: an admission webhook may be slow`);
  }
}

/** The right was taken away since it was asked about; admission refuses in other words. */
function isPlainlyForbidden({ code, said = '' }: KubeError): boolean {
  return code === 'forbidden' && / cannot patch resource "/.test(said);
}

/**
 * What an error says about the patch. The words are those of the API server, for a webhook chooses its own status when it
 * denies; a webhook that cannot be asked says nothing about the patch, though it would stop a real one too.
 */
function judged(error: KubeError): DryRun {
  const { code, status, message, said = message } = error;
  if (/ does not support dry ?run/i.test(said)) return untried(said);
  if (said.includes('failed calling webhook')) return untried(said);
  if (said.includes(' denied the request')) return refused(said);
  if (error.temporary || code === 'aborted') throw error;
  if (code === 'notFound') return untried('the workload is no longer there');
  if (code === 'conflict') return untried(`somebody else was writing it: ${said}`);
  if (code === 'forbidden' || status === 400 || status === 422) return refused(said);
  return untried(message);
}

const refused = (because: string): DryRun => ({ is: 'refused', because: printable(because, maxBecause) });
const untried = (because: string): DryRun => ({ is: 'untried', because: printable(because, maxBecause) });

const notAllowed = (resource: string, namespace: string): DryRun =>
  untried(
    `this account may not patch ${resource} in ${namespace}, not even as a dry run: manifests/options/dry-run allows it`,
  );
