// Commands for a person to paste.

import type { Command } from '../model/fix.ts';
import { isPlaceholder } from '../model/placeholder.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { groupOf, isBuiltIn } from '../model/workload.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { shell, type Shell } from './shell.ts';
import { yamlLineOf } from './yaml.ts';

/** Where the commands are run: the namespace of the workload; where it is not known, kubectl uses its own. */
export type CommandPlace = { readonly namespace?: string };

/** Undefined where a kind or a name in it is none that Kubernetes would accept: a reference or a text may hold anything. */
export function commandText(command: Command, place: CommandPlace): string | undefined {
  return isAddressable(command) ? shellOf(command, place).sh : undefined;
}

function shellOf(command: Command, { namespace }: CommandPlace): Shell {
  const kubectl = shell`kubectl${inNamespace(namespace)}`;
  switch (command.do) {
    case 'patch':
      return shell`${kubectl} patch ${target(command.workload)}${typeOf(command.workload)} -p ${yamlLineOf(command.patch)}`;
    case 'recreate':
      return recreate(kubectl, command.workload, yamlLineOf(command.patch));
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

/** What stands in an object that exists, and in none that is to be created. */
const notCreatable = {
  Pod: { ephemeralContainers: null },
  Job: {
    selector: null,
    template: {
      metadata: {
        labels: {
          'controller-uid': null,
          'job-name': null,
          'batch.kubernetes.io/controller-uid': null,
          'batch.kubernetes.io/job-name': null,
        },
      },
    },
  },
} as const;

/** Nothing is deleted before the API server has accepted the new object, under another name. */
function recreate(kubectl: Shell, { kind, name }: WorkloadRef, patch: string): Shell {
  const local = shell`kubectl patch --local -f - -o yaml`;
  const it = kind === 'Job' ? 'job' : 'pod';
  const creatable = yamlLineOf({ spec: notCreatable[kind === 'Job' ? 'Job' : 'Pod'] });
  const otherName = '{"metadata":{"name":null,"generateName":"check-"}}';
  const changed = shell`${kubectl} get ${it} ${name} -o yaml | ${local} -p ${patch} | ${local} --type=merge -p ${creatable}`;
  const print = shell`printf %s "$object"`;
  return shell`object=$(${changed}) && ${print} | ${local} --type=merge -p ${otherName} | ${kubectl} create --dry-run=server -f - && ${kubectl} delete ${it} ${name} && ${print} | ${kubectl} create -f -`;
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
  if ('workload' in command)
    return /^[a-z][a-z0-9]*$/i.test(command.workload.kind) && isName(command.workload.name);
  switch (command.do) {
    case 'delete':
      return command.which.every(isName);
    case 'inspectImage':
      return isPlaceholder(command.reference) || /^[a-z0-9]/i.test(command.reference);
    case 'explainLog':
      return isPlaceholder(command.pod) || isName(command.pod);
    default:
      return command satisfies never;
  }
}

/** No option of kubectl, whatever it begins with. */
const isName = (name: string): boolean => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);
