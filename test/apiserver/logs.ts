// Logs of containers as the API server hands them out from a kubelet: which there are, and what of them is asked for.

import { badRequest } from './api-error.ts';
import { asFields, asList, asText, at, type Fields, type Json, type KubeObject } from './object.ts';
import type { ApiRequest } from './request.ts';

/** What containers wrote until they last ended, or so far where they have not; bytes where it is no UTF-8. */
export class Logs {
  readonly #texts = new Map<string, Buffer>();

  set(namespace: string, pod: string, container: string, text: string | Buffer): void {
    this.#texts.set([namespace, pod, container].join(' '), Buffer.from(text));
  }

  /** The body of the answer; undefined: no content. Throws ApiError where there is no such log. */
  of(pod: KubeObject, { namespace, name, parameters }: ApiRequest): Buffer | undefined {
    const container = containerOf(pod, parameters['container'] ?? '');
    // A pod that is on no node has no log, and nothing is wrong with that.
    if (asText(at(pod, 'spec', 'nodeName')) === '') return undefined;
    const status = statusOf(pod, container);
    const isPrevious = parameters['previous'] === 'true';
    if (isPrevious && !at(status, 'lastState', 'terminated'))
      throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
    if (!isPrevious && isStillToStart(status))
      throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reasonOf(status)}`);
    // Of each container a node keeps what it wrote until its last end.
    if (isPrevious && at(status, 'state', 'terminated')) return Buffer.from(gone);
    return partOf(this.#texts.get([namespace, name, container].join(' ')) ?? Buffer.from(gone), parameters);
  }
}

const gone = `unable to retrieve container logs for containerd://${'0'.repeat(64)}`;
const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

function containerOf(pod: KubeObject, asked: string): string {
  const { name } = pod.metadata;
  const names = lists.flatMap((list) => asList(at(pod, 'spec', list)).map((one) => asText(at(one, 'name'))));
  if (asked === '' && names.length === 1) return names.join('');
  if (asked === '')
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`,
    );
  if (!names.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}

function statusOf(pod: KubeObject, container: string): Fields {
  const statuses = lists.flatMap((list) => asList(at(pod, 'status', list.replace(/s$/, 'Statuses'))));
  return asFields(statuses.find((one) => asText(at(one, 'name')) === container));
}

const isStillToStart = (status: Fields): boolean =>
  !at(status, 'state', 'running') &&
  !at(status, 'state', 'terminated') &&
  !at(status, 'lastState', 'terminated');

const reasonOf = (status: Json): string => asText(at(status, 'state', 'waiting', 'reason'));

/** The last lines, and of these the first bytes. */
function partOf(text: Buffer, { tailLines = '', limitBytes = '' }: ApiRequest['parameters']): Buffer {
  const lines = text.toString('latin1').split(/(?<=\n)/);
  const tail = tailLines === '' ? lines : lines.slice(-Number(tailLines));
  const bytes = Buffer.from(tail.join(''), 'latin1');
  return limitBytes === '' ? bytes : bytes.subarray(0, Number(limitBytes));
}
