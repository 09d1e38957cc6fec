// to come

import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

export async function chaos(session: Session): Promise<readonly Outcome[]> {
  session.signal.throwIfAborted();
  return [];
}
