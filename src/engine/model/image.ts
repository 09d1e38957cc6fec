// What an image is made of, as far as it says who a container runs as.

/** As OCI image indexes and nodes name it: `linux`, `amd64`, and for arm a variant such as `v8`. */
export type Platform = { readonly os: string; readonly architecture: string; readonly variant?: string };

/** Of an image's config, the parts that decide about users. The environment is left out but for two variables. */
export type ImageConfig = {
  readonly os: string;
  readonly architecture: string;
  /** USER as written, group part and all; '' when there is none. */
  readonly user: string;
  readonly workingDir: string;
  readonly volumes: readonly string[];
  /** `80/tcp` */
  readonly exposedPorts: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly home?: string;
  readonly path?: string;
};

/**
 * One entry of a layer's tar, on a path that was asked for or above one.
 *
 * `path` is clean and relative to the image root: `etc/passwd`, never `./etc/passwd`, `/etc/passwd` or `a/../etc`.
 * Owners and modes are as the tar has them.
 */
export type LayerEntry =
  | (PlacedEntry & {
      readonly is: 'file';
      readonly sizeBytes: number;
      readonly content?: Uint8Array;
      readonly hasCapabilities: boolean;
    })
  | (PlacedEntry & { readonly is: 'directory' })
  | (PlacedEntry & { readonly is: 'symlink'; readonly target: string })
  /** `target` is a clean path from the image root. */
  | (PlacedEntry & { readonly is: 'hardlink'; readonly target: string })
  | (PlacedEntry & { readonly is: 'other' })
  /** `.wh.NAME`: `path` is that of NAME, which is gone from the layers below. */
  | { readonly is: 'whiteout'; readonly path: string }
  /** `.wh..wh..opq`: `path` is the directory whose contents are gone from the layers below. */
  | { readonly is: 'opaque'; readonly path: string };

type PlacedEntry = {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
};

/** Of each path only the last entry, since that is the one that counts; in the order of the tar. */
export type Layer = { readonly digest: string; readonly entries: readonly LayerEntry[] };

/**
 * A question to an image's layers that is answered step by step, so that no more is read than has to be.
 *
 * `decide` is called with the layers read so far, the topmost first, and with all the paths that they were read for; first
 * with no layer at all. It answers; or it wants the next layer below; or it has met a link and wants these paths too, and
 * then all layers so far are read again with them. It remembers nothing, so it may be asked again from the start.
 */
export type Inquiry<T> = {
  readonly paths: readonly string[];
  readonly decide: (layers: readonly Layer[], isWhole: boolean, paths: readonly string[]) => InquiryStep<T>;
};

export type InquiryStep<T> =
  | { readonly is: 'answer'; readonly answer: T }
  | { readonly is: 'nextLayer' }
  | { readonly is: 'morePaths'; readonly paths: readonly string[] };

/** Why something about a container's user may go wrong, seen in the image. */
export type Risk = { readonly code: RiskCode; readonly detail: string };

const riskCodes = [
  'RootOwnedPath', // WORKDIR, a VOLUME or HOME is not writable by the uid
  'EntrypointNotExecutable', // the uid may not execute it, or not reach it
  'PrivilegedPort', // EXPOSE below 1024
  'FileCapabilities', // lost by a non-root run or by drop: ALL
  'SwitchesUser', // su-exec, gosu, s6, setpriv, su: meant to start as root
  'NoPasswdEntry', // the uid has no name, and so no home
  'NotChecked', // something that could show a risk was not read
] as const;

export type RiskCode = (typeof riskCodes)[number];

/** What an image is built on, as its own files show it: which lines of a Dockerfile would work in it. */
export type ImageBase = {
  /** `PRETTY_NAME` of its os-release, where it has one. */
  readonly name?: string;
  /** The program that makes users; `shell`: none, but a shell that can write to passwd; `none`: no shell either. */
  readonly makesUsersWith: 'useradd' | 'adduser' | 'shell' | 'none';
  /** An id from 10001 up that neither its passwd nor its group has. */
  readonly freeId: number;
};

/** The user that an image's own entrypoint runs its program as, once it has started as root. */
export type DroppedUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Where the entrypoint says so, and the line of `/etc/passwd` with the numbers. */
  readonly detail: string;
};

/** What a process was denied. */
export type SoughtAccess = {
  /** As a log names it: hostile, and from WORKDIR on where no slash is in front. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** `execute`: also to enter a directory. Absent: to write to it, or to make it with all directories above it. */
  readonly wanted?: 'read' | 'write' | 'execute';
};

/** Whether the image lets it, and as a sentence why. */
export type FoundAccess = { readonly detail: string; readonly isAllowed: boolean };

/** Who a container of an image runs as on Kubernetes. */
export type ImageUser =
  | {
      readonly is: 'resolved';
      readonly uid: number;
      /** Absent where it was not asked for, and where the uid is a number and passwd could not be read. */
      readonly gid?: number;
      /** Of the passwd entry that decided. */
      readonly name?: string;
      /** What the group part of USER means. Kubernetes drops it, so it must be stated as runAsGroup. */
      readonly userGroup?: number;
      readonly detail: string;
    }
  | { readonly is: 'notInImage' | 'invalid' | 'unreadable' | 'notNeeded'; readonly detail: string };
