// Whether a condition of an object is true.

import { listAt, textAt } from '../data/field.ts';

export const hasCondition = (object: unknown, type: string): boolean =>
  listAt(object, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
  );
