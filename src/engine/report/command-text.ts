// Commands for a person to paste.

import type { Command } from '../model/fix.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { groupOf, isBuiltIn } from '../model/workload.ts';
import { diagnosisName } from '../platform/kubernetes/diagnosis-name.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { quoted, shell, type Shell } from './shell.ts';

/** Where the commands are run, and where they find the patch. */
export type CommandPlace = {
  /** Of the workload; absent where it is not known: kubectl then uses its own. */
  readonly namespace?: string;
  /** The Diagnosis of the workload, or the file patch.yaml into which a person has put it. */
  readonly patchIn: 'Diagnosis' | 'file';
};

/** Undefined for an object whose kind or name Kubernetes would never have accepted: an owner reference may hold anything. */
export function commandText(command: Command, place: CommandPlace): string | undefined {
  return isAddressable(command) ? shellOf(command, place).sh : undefined;
}

function shellOf(command: Command, { namespace, patchIn }: CommandPlace): Shell {
  const kubectl = shell`kubectl${inNamespace(namespace)}`;
  switch (command.do) {
    case 'patch':
      return shell`${readPatch(command.workload, kubectl, patchIn)} | ${kubectl} patch ${target(command.workload)}${typeOf(command.workload)} --patch-file=/dev/stdin`;
    case 'replacePod': {
      const { workload } = command;
      const patch = readPatch(workload, kubectl, patchIn);
      return shell`${kubectl} get pod ${workload.name} -o yaml | kubectl patch --local -f - --patch "$(${patch})" -o yaml | ${kubectl} replace --force -f -`;
    }
    case 'resumeRollout':
      // kubectl resumes only the kinds that it knows itself; the field is the same.
      return isBuiltIn(command.workload)
        ? shell`${kubectl} rollout resume ${target(command.workload)}`
        : shell`${kubectl} patch ${target(command.workload)} --type=merge -p '{"spec":{"paused":false}}'`;
    case 'promoteRollout':
      return shell`kubectl argo rollouts${inNamespace(namespace)} promote ${command.workload.name}`;
    case 'startRollout':
      return shell`oc${inNamespace(namespace)} rollout latest ${`dc/${command.workload.name}`}`;
    case 'delete': {
      const { kind, which } = command;
      return 'selector' in which
        ? shell`${kubectl} delete ${kind} -l ${quoted(which.selector)}`
        : shell`${kubectl} delete ${kind} ${which}`;
    }
    case 'inspectImage':
      return shell`rootcause image ${command.reference}`;
    case 'explainLog':
      return shell`${kubectl} logs ${command.pod} -c ${command.container} --previous | rootcause explain`;
    default:
      return command satisfies never;
  }
}

const readPatch = (ref: WorkloadRef, kubectl: Shell, patchIn: CommandPlace['patchIn']): Shell =>
  patchIn === 'file'
    ? shell`cat patch.yaml`
    : shell`${kubectl} get diagnosis ${diagnosisName(ref)} -o jsonpath='{.status.fix.patch}'`;

const inNamespace = (namespace: string | undefined): Shell =>
  namespace === undefined ? shell`` : shell` -n ${namespace}`;

const typeOf = (ref: WorkloadRef): Shell =>
  workloadKind(ref)?.patch === 'json' ? shell` --type=json` : shell``;

/** `deployment/web`, `rollouts.argoproj.io/web`. */
function target(ref: WorkloadRef): string {
  const { kind, apiVersion, name } = ref;
  const plural = workloadKind(ref)?.plural ?? kind;
  return isBuiltIn(ref) ? `${kind.toLowerCase()}/${name}` : `${plural}.${groupOf(apiVersion)}/${name}`;
}

function isAddressable(command: Command): boolean {
  if (!('workload' in command)) return true;
  const { kind, name } = command.workload;
  return /^[a-z][a-z0-9]*$/i.test(kind) && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);
}
