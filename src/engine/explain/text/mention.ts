// One failure in a text, and the lines that say it.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';

export type Mention = {
  readonly failure: ReportedFailure;
  /** The lines that it takes, the last one included. */
  readonly from: number;
  readonly to: number;
};

/** What stands around a sentence, as far as it is known. */
type Names = {
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
  readonly user?: string;
};

export const reportedFailure = (
  fields: Omit<ReportedFailure, 'container' | 'image' | 'pod'>,
  { container, pod, namespace, user }: Names,
): ReportedFailure => ({
  ...fields,
  container: present({ name: container }),
  image: present({ user }),
  pod: present({ name: pod, namespace }),
});
