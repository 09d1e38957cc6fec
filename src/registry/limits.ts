// Bounds on what a registry or an image may cost. Exceeding one is an error with a reason, never a crash.

export type Limits = {
  readonly manifestBytes: number;
  readonly configBytes: number;
  /** One layer, compressed. */
  readonly layerBytes: number;
  /** All layers read for one inquiry, unpacked. */
  readonly unpackedBytes: number;
  /** Entries of one layer. */
  readonly entries: number;
  readonly pathDepth: number;
  /** A file that is asked for comes with its content up to this size. */
  readonly contentBytes: number;
  /** Small compressed layers are kept up to this size in all, in case they must be read again. */
  readonly keptBytes: number;
  /** How often layers may be read again for more paths. */
  readonly rounds: number;
  readonly redirects: number;
  readonly indexDepth: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** A registry that asks for a longer pause is not waited for. */
  readonly pauseMs: number;
  /** Until the head of an answer, and between two pieces of it. */
  readonly idleMs: number;
  /** Waiting for this long must bring `progressBytes`. */
  readonly progressMs: number;
  readonly progressBytes: number;
  /** One inquiry as a whole. */
  readonly totalMs: number;
  /** Requests at a time, of all pulls. */
  readonly concurrency: number;
  /** Of all pulls; 0 means unlimited. */
  readonly bytesPerMinute: number;
};

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export const defaultLimits: Limits = {
  manifestBytes: 4 * MiB,
  configBytes: 8 * MiB,
  layerBytes: 4 * GiB,
  unpackedBytes: 16 * GiB,
  entries: 1_000_000,
  pathDepth: 256,
  contentBytes: MiB,
  keptBytes: 8 * MiB,
  rounds: 8,
  redirects: 5,
  indexDepth: 3,
  retries: 3,
  pauseMs: 30_000,
  idleMs: 30_000,
  progressMs: 60_000,
  progressBytes: 64 * 1024,
  totalMs: 15 * 60_000,
  concurrency: 4,
  bytesPerMinute: 0,
};
