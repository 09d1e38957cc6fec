// What to do about a container whose name alone says which injector adds it: only who runs the injector can change it.

import { injectorNamed } from '../../fix/cure/injection-advice.ts';
import type { Fix } from '../../model/fix.ts';

/** Undefined for a container that anyone may call so. */
export function injectedFix(container: string): Fix | undefined {
  const summary = injectorNamed(container);
  return summary === undefined
    ? undefined
    : { type: 'Manual', certainty: 'Template', summary, alternatives: [], checks: [], followUp: [] };
}
