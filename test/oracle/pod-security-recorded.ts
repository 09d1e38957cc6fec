// What a real API server said of every pod under every policy, so that agreement is held where there is no cluster.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { NamedPod } from './pod-security-pod.ts';

export const recordedPath = join(import.meta.dirname, 'pod-security-recorded.json');

/** What is refused, in the API server's words; empty where the pod is admitted, absent where it was not judged. */
export type Answer = string | undefined;

/** Of one pod, an answer for each policy. */
export type Answers = readonly Answer[];

export type Recorded = {
  /** The version of the API server. */
  readonly server: string;
  /** A digest of the pods that were asked about. */
  readonly pods: string;
  readonly policies: readonly string[];
  /** The parts of all answers, each once. */
  readonly parts: readonly string[];
  /** By the name of the pod; see `packed`. */
  readonly answers: Readonly<Record<string, string>>;
};

export function digestOf(pods: readonly NamedPod[]): string {
  return createHash('sha256').update(JSON.stringify(pods)).digest('hex');
}

/** An answer is cut where a bracket closes before a comma; joined again it is the same, whatever it says. */
const joint = '), ';

/**
 * Policies that follow each other mostly have one answer: `0:3 7;19:;20:-` says that the first nineteen are answered
 * by the parts 3 and 7, the next one admits the pod, and those from the twentieth on did not judge it.
 */
export function packed(answers: Answers, numberOf: (part: string) => number): string {
  const texts = answers.map((answer) => {
    if (answer === undefined) return '-';
    return answer === '' ? '' : answer.split(joint).map(numberOf).join(' ');
  });
  const runs = texts.flatMap((text, at) => (at > 0 && texts[at - 1] === text ? [] : [`${at}:${text}`]));
  return runs.join(';');
}

export function unpacked(text: string, parts: readonly string[], count: number): Answers {
  const runs = text.split(';').map((run) => run.split(':', 2));
  return Array.from({ length: count }, (_, at) => {
    const [, numbers = '-'] = runs.findLast(([from]) => Number(from) <= at) ?? [];
    if (numbers === '-') return undefined;
    const used = numbers === '' ? [] : numbers.split(' ');
    return used.map((number) => parts[Number(number)]).join(joint);
  });
}

/** Numbers in the order of the first use. */
export function recordedOf(
  asked: {
    readonly server: string;
    readonly pods: readonly NamedPod[];
    readonly policies: readonly string[];
  },
  answers: readonly Answers[],
): Recorded {
  const numbers = new Map<string, number>();
  const numberOf = (part: string): number => {
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    return number;
  };
  const all = asked.pods.map(({ name }, at) => [name, packed(answers[at] ?? [], numberOf)] as const);
  return {
    server: asked.server,
    pods: digestOf(asked.pods),
    policies: asked.policies,
    parts: [...numbers.keys()],
    answers: Object.fromEntries(all),
  };
}
