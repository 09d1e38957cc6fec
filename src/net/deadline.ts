// A signal that fires with another one, or when time is up; it leaves no listener behind.

/** Use with `using`: it ends with its scope. */
export class Deadline implements Disposable {
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #follow = (): void => this.#controller.abort(this.#parent.reason);
  #hasPassed = false;

  constructor(parent: AbortSignal, limitMs: number) {
    this.#parent = parent;
    this.#timer = setTimeout(() => {
      this.#hasPassed = true;
      this.#controller.abort(new Error('time is up'));
    }, limitMs);
    if (parent.aborted) this.#follow();
    else parent.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when it was time that ended it. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  /** Starts the time again. */
  extend(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#parent.removeEventListener('abort', this.#follow);
  }
}
