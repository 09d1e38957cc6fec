// The faults in force, and what is left of each.

import type { ApiError } from './api-error.ts';
import type { Fault } from './faults.ts';
import type { ApiRequest } from './request.ts';
import type { Sink } from './sink.ts';

/** A fault in force: how often it struck, and the way to end it early. */
export type Injected = { readonly hits: () => number; readonly lift: () => void };

type Active = { readonly fault: Fault; hits: number };

export class FaultList {
  readonly #active = new Set<Active>();

  add(fault: Fault): Injected {
    const active: Active = { fault, hits: 0 };
    this.#active.add(active);
    return { hits: () => active.hits, lift: () => void this.#active.delete(active) };
  }

  clear(): void {
    this.#active.clear();
  }

  /** Uses up one time of each fault that hits this request; faults on the stream lie on one another. */
  strike(request: ApiRequest, sink: Sink): { readonly sink: Sink; readonly refusal: ApiError | undefined } {
    const hitting = [...this.#active].filter(({ fault }) => fault.when(request));
    const refusing = hitting.find(({ fault }) => fault.refusal);
    if (refusing) {
      this.#use(refusing);
      return { sink, refusal: refusing.fault.refusal };
    }
    hitting.forEach((active) => this.#use(active));
    const through = hitting.reduce((inner, { fault }) => fault.through?.(inner) ?? inner, sink);
    return { sink: through, refusal: undefined };
  }

  #use(active: Active): void {
    active.hits += 1;
    if (active.hits >= active.fault.times) this.#active.delete(active);
  }
}
