// Asks a real API server what Pod Security makes of a pod: by creating it as a dry run, in a namespace with the policy.

import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { PodSecurityPolicy } from '../../src/engine/model/pod-security.ts';
import { policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import type { Pod } from './pod-security-pod.ts';

/** `invalid`: the API server found fault with the pod itself, and Pod Security was not asked. */
export type Judgement =
  { readonly is: 'judged'; readonly text: string } | { readonly is: 'invalid'; readonly why: string };

/** What came back: of Pod Security, at most a refusal and at most a warning. */
export type Frames = { readonly refused?: Frame; readonly warned?: Frame };

/** `policy` as it was printed: `restricted:v1.28`. */
export type Frame = { readonly policy: string; readonly text: string };

type Method = 'POST' | 'PATCH';

export class PodSecurityServer {
  readonly #agent: Agent;

  /** @param folder the one whose `api.sock` leads to the API server */
  constructor(folder: string) {
    this.#agent = new Agent({ connect: { socketPath: join(folder, 'api.sock') }, connections: 32 });
  }

  /** The namespace enforces the policy, or warns of it. Ephemeral containers are added to the pod `base` there. */
  async ask(namespace: string, pod: Pod, policy: PodSecurityPolicy): Promise<Judgement> {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const { ephemeralContainers } = pod.spec;
    const frames = ephemeralContainers
      ? await this.dryRun('PATCH', `${pods}/base/ephemeralcontainers`, { spec: { ephemeralContainers } })
      : await this.dryRun('POST', pods, pod);
    if (typeof frames === 'string') return { is: 'invalid', why: frames };
    const frame = frames.refused ?? frames.warned;
    if (frame && frame.policy !== policyText(policy))
      throw new Error(`${namespace} answers for ${frame.policy}`);
    return { is: 'judged', text: frame?.text ?? '' };
  }

  /** A text where the object itself is found wrong. */
  async dryRun(method: Method, path: string, body: unknown): Promise<Frames | string> {
    const type = method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json';
    const answer = await request(`http://localhost${path}?dryRun=All`, {
      dispatcher: this.#agent,
      method,
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
    const { message = '' } = (await answer.body.json()) as { readonly message?: string };
    if (answer.statusCode === 400 || answer.statusCode === 422) return message;
    const refused = frameIn(message, refusal);
    if (answer.statusCode >= 300 && refused === undefined)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${message.slice(0, 300)}`);
    const warned = warningsIn(answer.headers['warning']).flatMap((text) => frameIn(text, warning) ?? []);
    return { ...(refused && { refused }), ...(warned[0] && { warned: warned[0] }) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

const refusal = /^pods "[^"]*" is forbidden: violates PodSecurity "([^"]*)": (.*)$/s;
const warning = /^would violate PodSecurity "([^"]*)": (.*)$/s;

function frameIn(message: string, frame: RegExp): Frame | undefined {
  const [, policy, text] = frame.exec(message) ?? [];
  return policy === undefined || text === undefined ? undefined : { policy, text };
}

/** The texts of `299 - "…"`; headers are bytes, and these are UTF-8. */
function warningsIn(header: string | readonly string[] | undefined): readonly string[] {
  return [header ?? []].flat().flatMap((value) => {
    const [, text] = /^299 \S+ "((?:[^"\\]|\\.)*)"$/.exec(Buffer.from(value, 'latin1').toString()) ?? [];
    return text === undefined ? [] : text.replaceAll(/\\(.)/g, '$1');
  });
}
