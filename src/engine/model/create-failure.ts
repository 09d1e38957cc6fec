// A controller that may not create its pods.

import type { Time } from './time.ts';
import type { ObjectRef } from './workload.ts';

/** A controller that may not create its pods. */
export type CreateFailure = {
  /** The ReplicaSet, StatefulSet, DaemonSet or Job; or the Deployment, to which the condition is copied. */
  readonly owner: ObjectRef;
  /** The API server's words as the condition or the Event has them. */
  readonly message: string;
  /** Of an Event: when it was last seen. Absent for a condition, which holds as long as it is there. */
  readonly lastTime?: Time;
};
