// What images say that every namespace may know: read once, however many ask at the same time.

import { BoundedCache } from '../net/bounded-cache.ts';
import type { Risk } from '../engine/model/image.ts';
import type { InquiryAnswer } from '../engine/platform/image/image-inquiry.ts';

const mostImages = 2_000;

export type FoundAnswer = InquiryAnswer & {
  readonly risks: readonly Risk[];
  /** Trouble that may pass has left something out. */
  readonly isPartial?: true;
};

export class SharedAnswers {
  readonly #answers: BoundedCache<Promise<FoundAnswer>>;

  constructor(nowMs: () => number) {
    this.#answers = new BoundedCache(mostImages, nowMs);
  }

  /** What nothing came of, or not all, is read anew by the next who asks. */
  async answer(id: string, read: () => Promise<FoundAnswer>): Promise<FoundAnswer> {
    const known = this.#answers.get(id);
    if (known) return known;
    const answer = read();
    this.#answers.set(id, answer);
    const isKept = await answer.then(
      ({ isPartial }) => !isPartial,
      () => false,
    );
    if (!isKept) this.#answers.delete(id);
    return answer;
  }
}
