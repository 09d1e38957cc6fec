// Bounds on what a registry or an image may cost. Exceeding one is an error with a reason, never a crash.

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export type Limits = Readonly<typeof defaultLimits>;

export const defaultLimits = {
  manifestBytes: 4 * MiB,
  configBytes: 8 * MiB,
  /** One layer, compressed. */
  layerBytes: 4 * GiB,
  /** All layers read for one inquiry, unpacked. */
  unpackedBytes: 16 * GiB,
  /** Entries of one layer. */
  entries: 1_000_000,
  pathDepth: 256,
  /** A file that is asked for comes with its content up to this size. */
  contentBytes: MiB,
  /** Small compressed layers are kept up to this size in all, in case they must be read again. */
  keptBytes: 8 * MiB,
  /** Headers of a layer are kept up to this size, packed: some hundred thousand of them; and of an image's layers together. */
  headerBytes: 4 * MiB,
  /** How often layers may be read again for more paths. */
  rounds: 8,
  redirects: 5,
  indexDepth: 3,
  /** Attempts after the first. */
  retries: 3,
  /** A registry that asks for a longer pause is not waited for. */
  pauseMs: 30_000,
  /** Until the head of an answer, and between two pieces of it. */
  idleMs: 30_000,
  /** Waiting for this long must bring `progressBytes`. */
  progressMs: 60_000,
  progressBytes: 64 * 1024,
  /** One inquiry as a whole. */
  totalMs: 15 * 60_000,
  /** Requests to one registry at a time, of all pulls. */
  concurrency: 8,
  /** Of all pulls; 0 means unlimited. */
  bytesPerMinute: 0,
};
