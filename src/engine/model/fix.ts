// What would cure the findings of a workload, as data: report/ writes it as YAML, shell text and sentences.

import type { Placeholder } from './placeholder.ts';
import type { WorkloadRef } from './workload.ts';

export type Certainty = 'Certain' | 'TestFirst' | 'Template';

export type Fix = {
  readonly type: 'WorkloadPatch' | 'ImageChange' | 'Recreate' | 'Manual';
  /** Template: a person must fill a value in. */
  readonly certainty: Certainty;
  /** For the FIX column: `runAsUser 10001`. */
  readonly summary: string;
  readonly patch?: Patch;
  /** The same and everything that Pod Security restricted asks for; to be tested first. */
  readonly hardenedPatch?: Patch;
  readonly alternatives: readonly Alternative[];
  readonly dockerfile?: Dockerfile;
  readonly command?: Command;
  /** Empty where there is no patch to prove. */
  readonly checks: readonly Check[];
  readonly managedBy?: ManagedBy;
  readonly followUp: readonly Step[];
};

/** Of a whole object: a strategic merge patch `{spec: {template: {spec: {…}}}}`, or a JSON patch (RFC 6902), which is a list. */
export type Patch = Readonly<Record<string, unknown>> | readonly JsonOperation[];

export type JsonOperation =
  | { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type Alternative = {
  readonly summary: string;
  readonly certainty: Certainty;
  /** Of the workload. */
  readonly patch?: Patch;
  /** Of a pod, where there is no workload to patch: an example of what to write. */
  readonly example?: Patch;
  readonly dockerfile?: Dockerfile;
};

/** The end of an image's last stage. */
export type Dockerfile = {
  readonly lines: readonly DockerfileLine[];
  readonly certainty: Certainty;
  readonly summary: string;
};

export type DockerfileLine =
  | { readonly is: 'comment'; readonly text: string }
  | { readonly is: 'user'; readonly user: ImageId | 'ContainerUser'; readonly group?: ImageId }
  /** `shell`: there is no program that makes users. */
  | { readonly is: 'newUser'; readonly id: number; readonly with: 'useradd' | 'adduser' | 'shell' }
  | {
      readonly is: 'owner';
      readonly paths: readonly (string | Placeholder)[];
      readonly user: ImageId;
      /** Absent: the group stays as it is. */
      readonly group?: ImageId;
      /** With all that is in these directories. */
      readonly isRecursive: boolean;
    }
  /** Files that the user owns, whether they exist or not. */
  | { readonly is: 'ownFile'; readonly paths: readonly string[]; readonly user: ImageId }
  /** OpenShift runs an image as any uid, in group 0. */
  | { readonly is: 'openToRootGroup'; readonly paths: readonly string[] }
  /** Anybody may read it, and enter it where it is a directory. */
  | { readonly is: 'readable'; readonly paths: readonly string[] }
  /** As every image has it. */
  | { readonly is: 'sharedMode'; readonly path: string }
  | { readonly is: 'variable'; readonly name: string; readonly value: string }
  /** `openToAll`: anybody may read and execute it. */
  | { readonly is: 'openToAll' | 'withoutCapabilities'; readonly path: string };

export type ImageId = number | Placeholder;

/** What a person must still do, or look up. The command, where there is one, does what the text ends with. */
export type Step = { readonly text: string; readonly command?: Command };

export type Command =
  | { readonly do: 'patch'; readonly workload: WorkloadRef; readonly patch: Patch }
  /** Of a live Pod or Job, which takes no patch: it is deleted and created again. */
  | { readonly do: 'recreate'; readonly workload: WorkloadRef; readonly patch: Patch }
  | { readonly do: 'resumeRollout' | 'promoteRollout' | 'startRollout'; readonly workload: WorkloadRef }
  | { readonly do: 'delete'; readonly kind: 'pod' | 'job'; readonly which: readonly string[] }
  | { readonly do: 'inspectImage'; readonly reference: string | Placeholder }
  | { readonly do: 'explainLog'; readonly pod: string | Placeholder; readonly container: string };

export type Check = {
  readonly name: 'KubeletUser' | 'PodSecurity' | 'OpenShiftRange' | 'DryRun';
  readonly result: 'Passed' | 'Failed' | 'Skipped';
  readonly message: string;
};

/** What writes the workload: a change of the object alone would be taken back. */
export type ManagedBy = {
  readonly tool: 'ArgoCD' | 'Flux' | 'Helm' | 'Operator';
  /** Of the application, the release or the owning object. */
  readonly name: string;
  readonly namespace?: string;
};
