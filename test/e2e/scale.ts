// to come

import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';

export async function scale(session: Session): Promise<readonly Outcome[]> {
  session.signal.throwIfAborted();
  return [];
}
