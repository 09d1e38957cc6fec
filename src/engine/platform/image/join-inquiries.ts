// Puts steps together: an inquiry made of several lookups asks for what any of them still lacks, all at once.

import type { InquiryStep } from '../../model/image.ts';

export const answer = <T>(value: T): InquiryStep<T> => ({ is: 'answer', answer: value });

/** Goes on with an answer, or hands on what is lacking. */
export function chain<T, U>(step: InquiryStep<T>, next: (value: T) => InquiryStep<U>): InquiryStep<U> {
  return step.is === 'answer' ? next(step.answer) : step;
}

export function map<T, U>(step: InquiryStep<T>, change: (value: T) => U): InquiryStep<U> {
  return chain(step, (value) => answer(change(value)));
}

/** All answers; before a further layer is read, more paths are asked for, so that fewer layers are read again. */
export function all<T>(steps: readonly InquiryStep<T>[]): InquiryStep<readonly T[]> {
  const paths = steps.flatMap((step) => (step.is === 'morePaths' ? step.paths : []));
  if (paths.length > 0) return { is: 'morePaths', paths: [...new Set(paths)] };
  const answers: T[] = [];
  for (const step of steps) {
    if (step.is !== 'answer') return { is: 'nextLayer' };
    answers.push(step.answer);
  }
  return answer(answers);
}

/** Like `all` for two answers of different kinds. */
export function both<T, U>(first: InquiryStep<T>, second: InquiryStep<U>): InquiryStep<readonly [T, U]> {
  const lacking = all<T | U>([first, second]);
  if (first.is === 'answer' && second.is === 'answer') return answer([first.answer, second.answer]);
  return lacking.is === 'answer' ? { is: 'nextLayer' } : lacking;
}
