// Commands that were pasted with their output: `kubectl logs POD -c C -n NS` names what the lines below are about.

import { isLabel, isSubdomain } from '../../messages/kubelet/kubelet-suffix.ts';
import type { WorkloadName } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';

export type PastedCommand = {
  readonly at: number;
  readonly verb: string;
  readonly pod?: string;
  readonly workload?: WorkloadName;
  readonly container?: string;
  readonly namespace?: string;
};

/** The tool at the beginning of a line, behind a prompt, a pipe or a back-quote. */
const tool =
  /^(.{0,200}?[\s$#%>❯➜λ»`|(:]|)(?:sudo[ \t]+)?(?:kubectl|kubecolor|oc|kc|k)(?:\.exe)?[ \t]+(\S[^\n]{0,1000})$/u;

const verbs = new Set(['logs', 'log', 'describe', 'get']);
const flagsWithValue = new Set(
  '-n --namespace -c --container --context --kubeconfig --cluster --user --as --tail --since --since-time -l --selector -o --output --limit-bytes --max-log-requests -L --sort-by --field-selector --template'.split(
    ' ',
  ),
);

/** In the order of the text. */
export const commandsIn = (lines: readonly string[]): readonly PastedCommand[] =>
  lines.flatMap((line, at) => commandIn(line, at) ?? []);

function commandIn(line: string, at: number): PastedCommand | undefined {
  const [, , rest] = tool.exec(line) ?? [];
  if (rest === undefined) return undefined;
  const { words, flags } = wordsOf(rest);
  const [verb = '', ...names] = words;
  if (!verbs.has(verb)) return undefined;
  return present({ at, verb, ...subjectOf(verb, names), ...placeOf(flags, verb, names) });
}

function wordsOf(rest: string) {
  const words: string[] = [];
  const flags = new Map<string, string>();
  const [command = ''] = rest.split(/\s*(?:[|;`<>)]|&&|2>)/u, 1);
  const tokens = command.split(/[ \t]+/);
  for (let index = 0; index < tokens.length; index += 1) {
    const token = (tokens[index] ?? '').replaceAll(/^['"]|['"]$/g, '');
    const [name = '', value] = token.split('=', 2);
    if (!token.startsWith('-')) words.push(token);
    else if (value !== undefined) flags.set(name, value);
    else if (flagsWithValue.has(name)) flags.set(name, tokens[(index += 1)] ?? '');
    else if (/^-[nc][a-z0-9]/.test(name)) flags.set(name.slice(0, 2), name.slice(2));
  }
  return { words, flags };
}

const podWords = new Set(['pod', 'pods', 'po']);

/** Short names and plurals, as kubectl takes them. */
const kinds: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  deployments: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  ds: 'DaemonSet',
  replicaset: 'ReplicaSet',
  replicasets: 'ReplicaSet',
  rs: 'ReplicaSet',
  job: 'Job',
  jobs: 'Job',
  cronjob: 'CronJob',
  cronjobs: 'CronJob',
  cj: 'CronJob',
  deploymentconfig: 'DeploymentConfig',
  dc: 'DeploymentConfig',
};

/** Of `logs`, the word is a pod unless it says what it is. */
function subjectOf(verb: string, names: readonly string[]): Pick<PastedCommand, 'pod' | 'workload'> {
  const [first = '', second = ''] = names;
  const [kind, name] = first.includes('/') ? first.split('/', 2) : [first, second];
  if (verb.startsWith('log') && !first.includes('/')) return isSubdomain(first) ? { pod: first } : {};
  return namedAs(kind ?? '', name ?? '');
}

/** `pod`, `deploy`, `sts.apps`: what an object of this name is; empty for a kind that makes no pods. */
export function namedAs(word: string, name: string): Pick<PastedCommand, 'pod' | 'workload'> {
  const [kind = ''] = word.toLowerCase().split('.', 1);
  if (!isSubdomain(name)) return {};
  if (podWords.has(kind)) return { pod: name };
  return Object.hasOwn(kinds, kind) ? { workload: { kind: kinds[kind] ?? '', name } } : {};
}

function placeOf(flags: ReadonlyMap<string, string>, verb: string, names: readonly string[]) {
  const namespace = flags.get('-n') ?? flags.get('--namespace') ?? '';
  const isLogs = verb.startsWith('log');
  const container = isLogs ? (flags.get('-c') ?? flags.get('--container') ?? names[1] ?? '') : '';
  return present({
    namespace: isLabel(namespace) ? namespace : undefined,
    container: isLabel(container) ? container : undefined,
  });
}
