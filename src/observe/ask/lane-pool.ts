// Runs tasks in lanes: so many of a lane at a time, and so many in all, so that slow ones hold up their own lane only.

import PQueue from 'p-queue';

export class LanePool {
  readonly #inLane: number;
  readonly #all: PQueue;
  /** Those with a task. */
  readonly #lanes = new Map<string, PQueue>();

  constructor(inLane: number, inAll: number) {
    this.#inLane = inLane;
    this.#all = new PQueue({ concurrency: inAll });
  }

  async add(lane: string, task: () => Promise<void>): Promise<void> {
    const queue = this.#laneOf(lane);
    await queue.add(() => this.#all.add(task));
    if (queue.size === 0 && queue.pending === 0) this.#lanes.delete(lane);
  }

  async onIdle(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.onIdle()));
  }

  #laneOf(name: string): PQueue {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = new PQueue({ concurrency: this.#inLane });
    this.#lanes.set(name, lane);
    return lane;
  }
}
