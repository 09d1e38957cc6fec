// Commands for a person to paste.

import type { Command } from '../model/fix.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { groupOf, isBuiltIn } from '../model/workload.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { shell, type Shell } from './shell.ts';
import { yamlLineOf } from './yaml.ts';

/** Where the commands are run: the namespace of the workload; where it is not known, kubectl uses its own. */
export type CommandPlace = { readonly namespace?: string };

/** Undefined for an object whose kind or name Kubernetes would never have accepted: an owner reference may hold anything. */
export function commandText(command: Command, place: CommandPlace): string | undefined {
  return isAddressable(command) ? shellOf(command, place).sh : undefined;
}

function shellOf(command: Command, { namespace }: CommandPlace): Shell {
  const kubectl = shell`kubectl${inNamespace(namespace)}`;
  switch (command.do) {
    case 'patch':
      return shell`${kubectl} patch ${target(command.workload)}${typeOf(command.workload)} -p ${yamlLineOf(command.patch)}`;
    case 'replacePod':
      return replacePod(kubectl, command.workload.name, yamlLineOf(command.patch));
    case 'resumeRollout':
      // kubectl resumes only the kinds that it knows itself; the field is the same.
      return isBuiltIn(command.workload)
        ? shell`${kubectl} rollout resume ${target(command.workload)}`
        : shell`${kubectl} patch ${target(command.workload)} --type=merge -p '{"spec":{"paused":false}}'`;
    case 'promoteRollout':
      return shell`kubectl argo rollouts${inNamespace(namespace)} promote ${command.workload.name}`;
    case 'startRollout':
      return shell`oc${inNamespace(namespace)} rollout latest ${`dc/${command.workload.name}`}`;
    case 'delete':
      return shell`${kubectl} delete ${command.kind} ${command.which}`;
    case 'inspectImage':
      return shell`rootcause image ${command.reference}`;
    case 'explainLog':
      return shell`${kubectl} logs ${command.pod} -c ${command.container} --previous | rootcause explain`;
    default:
      return command satisfies never;
  }
}

/**
 * Nothing is deleted before the API server has accepted the new pod, under another name. No pod can be created with
 * ephemeral containers.
 */
function replacePod(kubectl: Shell, name: string, patch: string): Shell {
  const local = shell`kubectl patch --local -f - -o yaml`;
  const creatable = '{"spec":{"ephemeralContainers":null}}';
  const otherName = '{"metadata":{"name":null,"generateName":"check-"}}';
  const changed = shell`${kubectl} get pod ${name} -o yaml | ${local} -p ${patch} | ${local} --type=merge -p ${creatable}`;
  const print = shell`printf %s "$pod"`;
  return shell`pod=$(${changed}) && ${print} | ${local} --type=merge -p ${otherName} | ${kubectl} create --dry-run=server -f - && ${kubectl} delete pod ${name} && ${print} | ${kubectl} create -f -`;
}

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
