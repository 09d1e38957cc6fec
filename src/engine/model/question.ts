// What the pure stages would like to know, and the answers. Questions are data, so that asking touches nothing.

import type { Patch } from './fix.ts';
import type { PermissionDenial } from './permission.ts';
import type {
  DroppedUser,
  FoundAccess,
  ImageBase,
  ImageUser,
  Platform,
  Risk,
  SoughtAccess,
} from './image.ts';
import type { WorkloadRef } from './workload.ts';
import type { CreateFailure } from './create-failure.ts';
import type { ContainerEvent, Template } from './pod.ts';

/** Something that the pure stages would like to know. Questions are data, so that asking touches nothing. */
export type Question =
  EventsQuestion | CreateFailuresQuestion | ImageQuestion | LogQuestion | DependentsQuestion | DryRunQuestion;

/** Which controllers could not create the pods of this workload? From Events, where no condition says it. */
export type CreateFailuresQuestion = {
  readonly ask: 'createFailures';
  readonly workload: WorkloadRef;
  /** The workload has no pod template of its own: that of the controller is wanted. */
  readonly lacksTemplate?: true;
};

/** What permission did a container lack when it last ended? */
export type LogQuestion = {
  readonly ask: 'log';
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  /** True where the container has been started again, or waits to be, since it ended. */
  readonly previous: boolean;
  /** What is known of the container, which tells some families of failures from others. */
  readonly hints: {
    readonly uid: number;
    readonly volumeMounts: readonly string[];
    readonly home?: string;
  };
};

export type EventsQuestion = {
  readonly ask: 'events';
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
};

/** Who does a container of this image run as? */
export type ImageQuestion = {
  readonly ask: 'image';
  /** As the spec writes it. */
  readonly reference: string;
  /** The digest that the node has; absent where only the registry can say what the tag means. */
  readonly digest?: string;
  readonly platform?: Platform;
  /** Whose credentials may be used, where the operator may use any. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  /** Nothing is wanted but the user; a fuller reading answers it as well. */
  readonly only?: 'user';
  /** What was recorded of it stands until it is read again, for which there is time. */
  readonly isRecorded?: true;
  /** The pod's status shows that its node has pulled an image from this registry. */
  readonly isPulled?: true;
  /** Does the image let this process do what it was denied? */
  readonly access?: SoughtAccess;
};

/** What depends on these pods, and what will hinder or help while they are replaced? */
export type DependentsQuestion = {
  readonly ask: 'dependents';
  readonly workload: WorkloadRef;
  /** Of the pods. */
  readonly labels: Readonly<Record<string, string>>;
};

/** Would the API server accept this patch of the workload? */
export type DryRunQuestion = {
  readonly ask: 'dryRun';
  readonly workload: WorkloadRef;
  /** Of the workload as the patch was made for it. */
  readonly generation?: number;
  /** Of the patch, the workload and its images. */
  readonly patchDigest: string;
  readonly patch: Patch;
};

export type Answer =
  EventsAnswer | CreateFailuresAnswer | ImageAnswer | LogAnswer | DependentsAnswer | DryRunAnswer;

/** `because` is set where the question could not be answered: then no container is blamed. */
export type CreateFailuresAnswer = {
  readonly question: CreateFailuresQuestion;
  readonly createFailures: readonly CreateFailure[];
  /** Of the first of them, where the question wants it. */
  readonly template?: Template;
  /** Set where Events tell that a refusal is over: a pod was created since, or something else is in the way now. */
  readonly over?: true;
  readonly because?: string;
};

/** Nothing of the log itself is kept. `denial` is absent where it shows none, or where it may not be read. */
export type LogAnswer = {
  readonly question: LogQuestion;
  readonly denial?: PermissionDenial;
  readonly because?: string;
  /** Set where the account may not read it, or may not try. */
  readonly isAllowed?: false;
};

export type DependentsAnswer = {
  readonly question: DependentsQuestion;
  readonly dependents: Dependents;
};

/** Names, sorted. */
export type Dependents = {
  /** Services that select the pods and have no other ready endpoint. */
  readonly services: readonly string[];
  /** Ingresses that lead to one of these services. */
  readonly ingresses: readonly string[];
  readonly disruptionBudgets: readonly string[];
  readonly autoscalers: readonly string[];
  /** Kinds that may not be listed, in the plural: `ingresses`. */
  readonly unread: readonly string[];
};

export type DryRunAnswer = { readonly question: DryRunQuestion; readonly tried: DryRun };

export type DryRun =
  | { readonly is: 'accepted'; readonly warnings: readonly string[] }
  | { readonly is: 'refused'; readonly because: string }
  /** Not allowed, or not possible now. */
  | { readonly is: 'untried'; readonly because: string };

/** `because` is set where the question could not be answered: then no container is blamed. */
export type EventsAnswer = {
  readonly question: EventsQuestion;
  readonly events: readonly ContainerEvent[];
  readonly because?: string;
};

export type ImageAnswer = { readonly question: ImageQuestion; readonly reading: ImageReading };

export type ImageReading =
  | {
      readonly is: 'read';
      /** Of the index or manifest that was read. */
      readonly digest: string;
      /** What the tag means now, where it is something else. */
      readonly movedTo?: string;
      /** USER as the image writes it. */
      readonly written: string;
      readonly user: ImageUser;
      readonly risks: readonly Risk[];
      /** VOLUMEs of the image. */
      readonly volumes?: readonly string[];
      /** Only of an image that runs as root, where its layers were read. */
      readonly base?: ImageBase;
      readonly droppedUser?: DroppedUser;
      /** Absent where it was not asked for, where the layers were not read for it, and where the image does not decide it. */
      readonly access?: FoundAccess;
      /** Trouble that may pass has left something out, which is among the risks. */
      readonly isPartial?: true;
    }
  /** `unread`: tried, and not possible now. `notAttempted`: not allowed, with the way to allow it. */
  | {
      readonly is: 'unread' | 'notAttempted';
      readonly because: string;
      /** The same for a column, with where to look. */
      readonly trouble?: string;
    };
