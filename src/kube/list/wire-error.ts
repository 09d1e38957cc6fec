// A list or a watch that cannot go on, for a reason that shows in its bytes or in their absence.

import type { RestartReason } from '../watch/watcher.ts';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly reason: RestartReason;

  constructor(reason: RestartReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
