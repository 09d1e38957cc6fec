// What the operator is asked to do, as its flags say it.

import type { ImageOptions } from '../images/image-access.ts';

export type OperatorOptions = {
  /** No namespaces: all of them. */
  readonly scope: { readonly namespaces: readonly string[]; readonly excludedNamespaces: readonly string[] };
  readonly images: ImageOptions;
  /** Whether patches are tried by server-side dry runs. */
  readonly dryRun: boolean;
  /** Whether logs of crashed containers are read, where the account may. */
  readonly readLogs: boolean;
  readonly settleSeconds: number;
  readonly keepResolvedSeconds: number;
  readonly allowRootExemption: boolean;
  readonly resyncSeconds: number;
  /** Reconciles without news are spread at least this far, however many diagnoses are open. */
  readonly resyncSpacingSeconds: number;
  readonly watchSilenceSeconds: number;
  readonly workers: number;
  readonly listen: { readonly host: string; readonly port: number };
  readonly metricsWorkloads: number;
  readonly leader: {
    readonly elect: boolean;
    readonly namespace?: string | undefined;
    /** Of this process, and of no other. */
    readonly identity: string;
  };
};
