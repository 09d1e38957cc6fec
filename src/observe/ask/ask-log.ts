// Reads the last words of a container that has ended, with every secret taken out, where the account may.

import { Deadline } from '../../net/deadline.ts';
import type { KubeClient } from '../../kube/api/client.ts';
import { pathOf } from '../../kube/api/discovery.ts';
import { KubeError } from '../../kube/api/error.ts';
import type { LogQuestion } from '../../engine/model/question.ts';
import { textAt } from '../../engine/platform/data/field.ts';
import { printable } from '../../engine/platform/data/printable.ts';
import { redacted } from '../../engine/redact/redacted.ts';
import type { AccessReviews } from '../access-reviews.ts';
import { containerLog } from './container-log.ts';
import { hasEnded, keptMessage } from '../../engine/project/kept-message.ts';

export type LogMeans = {
  readonly client: KubeClient;
  readonly access: AccessReviews;
  /** False: not one log is asked for, whatever the rights. */
  readonly isOn: boolean;
  /** How long one reading may take. */
  readonly limitMs?: number;
};

export type LogTail =
  | { readonly is: 'read'; readonly text: string }
  /** There is none, or the API server will not give it. */
  | { readonly is: 'unread'; readonly because: string }
  /** Nothing was asked for. */
  | { readonly is: 'notAllowed'; readonly because: string };

const defaultLimitMs = 15_000;
const maxBecause = 700;

/**
 * Asks first whether the account may read logs: nothing is sent that would stand as forbidden in an audit log.
 *
 * @throws KubeError for trouble that passes; what will stay so is an answer, with the reason
 */
export async function readLogTail(
  question: LogQuestion,
  { client, access, isOn, limitMs = defaultLimitMs }: LogMeans,
  signal: AbortSignal,
): Promise<LogTail> {
  const { namespace } = question;
  if (!isOn) return notAllowed('not read; enable with --read-logs=yes');
  if (!(await access.allows(logRight(namespace), signal)))
    return notAllowed(`this account may not read logs in ${namespace}: manifests/options/logs allows it`);
  using deadline = new Deadline(signal, limitMs);
  try {
    const text = await lastWords(question, client, deadline.signal);
    return text === undefined ? unread('its log is no longer there') : { is: 'read', text: redacted(text) };
  } catch (error) {
    if (deadline.hasPassed) throw new KubeError('timeout', `no log within ${limitMs / 1000} s`);
    return untold(error);
  }
}

/** `namespace` '' for all of them. */
export const logRight = (namespace: string) => ({
  verb: 'get',
  group: '',
  resource: 'pods',
  subresource: 'log',
  namespace,
});

const unread = (because: string): LogTail => ({ is: 'unread', because: printable(because, maxBecause) });
const notAllowed = (because: string): LogTail => ({ is: 'notAllowed', because });

function untold(error: unknown): LogTail {
  if (!(error instanceof KubeError) || error.temporary || error.code === 'aborted') throw error;
  return unread(error.said ?? error.message);
}

/** Undefined where nothing is left of them. */
async function lastWords(
  question: LogQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const log = await containerLog(question, client, signal);
  if (log !== undefined) return log;
  const pod = await client.get(podPath(question), signal);
  if (textAt(pod, 'metadata', 'uid') !== question.podUid) return undefined;
  const message = keptMessage(pod, question.container);
  if (message !== undefined) return message;
  // It may have ended again since that was asked, and nodes keep only the log of the last end.
  return question.previous && hasEnded(pod, question.container)
    ? await containerLog({ ...question, previous: false }, client, signal)
    : undefined;
}

const podPath = ({ namespace, pod }: LogQuestion): string =>
  pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name: pod });
