// What the given objects say to the questions of a diagnosis.

import type { Answer, Question, CreateFailuresQuestion } from '../../model/question.ts';
import { projectEvent } from '../project-event.ts';
import { projectFailedCreate, podSecurityNeedle } from '../project-create-failure.ts';
import { type GivenObject, isEvent } from './identity.ts';
import type { OwnerChain } from './owners.ts';

/** Holds what belongs to one workload. */
export class GivenAnswers {
  readonly #events: readonly unknown[];
  readonly #uids: ReadonlySet<string>;

  constructor(all: readonly GivenObject[], chains: readonly OwnerChain[]) {
    this.#events = all.filter(isEvent).map(({ object }) => object);
    this.#uids = new Set(chains.flatMap(({ links }) => links.map(({ uid }) => uid)));
  }

  to(question: Question): Answer | undefined {
    switch (question.ask) {
      case 'events': {
        const events = this.#events.flatMap((event) => projectEvent(event) ?? []);
        const own = events.filter(({ podUid }) => podUid === question.podUid);
        return { question, events: own, ...(events.length === 0 && { because: 'notGiven' }) };
      }
      case 'createFailures':
        return this.#createFailures(question);
      case 'image':
        return {
          question,
          reading: { is: 'notAttempted', because: 'explain reads no image; rootcause image does' },
        };
      case 'dryRun':
        return { question, tried: { is: 'untried', because: 'there is no cluster to try it in.' } };
      // what a log says is not for this folder to judge
      case 'log':
      case 'dependents':
        return undefined;
      default:
        return question satisfies never;
    }
  }

  /** The newest words of each controller. */
  #createFailures(question: CreateFailuresQuestion): Answer {
    const newest = new Map<string, ReturnType<typeof projectFailedCreate>>();
    for (const event of this.#events) {
      const failed = projectFailedCreate(event);
      if (!failed || !this.#uids.has(failed.controller.uid)) continue;
      const known = newest.get(failed.controller.uid);
      if (!known || known.lastTime < failed.lastTime) newest.set(failed.controller.uid, failed);
    }
    const createFailures = [...newest.values()].flatMap((failed) =>
      failed?.message.includes(podSecurityNeedle)
        ? [{ owner: failed.controller, message: failed.message, lastTime: failed.lastTime }]
        : [],
    );
    return { question, createFailures };
  }
}
