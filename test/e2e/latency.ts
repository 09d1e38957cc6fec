// to come

import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

export async function latency(session: Session): Promise<readonly Outcome[]> {
  session.signal.throwIfAborted();
  return [];
}
