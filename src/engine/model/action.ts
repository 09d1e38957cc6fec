// What the operator may do, as data: plan/ decides on actions, apply/ does them.

import type { DiagnosisStatus } from './diagnosis.ts';
import type { Time } from './time.ts';
import type { WorkloadRef } from './workload.ts';

export type Action =
  | { readonly do: 'create'; readonly name: string; readonly workload: WorkloadRef }
  | {
      readonly do: 'writeStatus';
      readonly name: string;
      readonly namespace: string;
      readonly status: DiagnosisStatus;
    }
  | { readonly do: 'remove'; readonly name: string; readonly namespace: string }
  | { readonly do: 'announce'; readonly workload: WorkloadRef; readonly event: Announcement };

/** A Kubernetes Event on the workload. */
export type Announcement = {
  readonly type: 'Warning' | 'Normal';
  readonly reason: 'Diagnosed' | 'Resolved';
  readonly message: string;
  /** The same when the same thing is announced again, so that it is announced once. */
  readonly id: string;
};

/** What plan() decided for one workload. */
export type Plan = {
  readonly actions: readonly Action[];
  /** Seconds after which the same key must be reconciled again although nothing may change until then. */
  readonly requeueAfterSeconds?: number;
  /** Since when a failure has to be announced that is not yet. */
  readonly unannouncedSince?: Time;
};

/** `gone`: the object is no longer there. `failed`: tried, and not worth stopping for. */
export type Outcome = { readonly action: Action['do']; readonly result: 'done' | 'gone' | 'failed' };
