// What would cure a finding, and how sure we are of it.

export type Fix = {
  readonly type: 'WorkloadPatch' | 'ImageChange' | 'Recreate' | 'Manual';
  /** Template: a person must fill a value in. */
  readonly certainty: 'Certain' | 'TestFirst' | 'Template';
  /** `sha256:…` of the workload's uid, the image digests and the patch; only where there is a patch. */
  readonly digest?: string;
  /** For the FIX column: `runAsUser 10001`. */
  readonly summary: string;
  /** Strategic merge patch as YAML, ready for `kubectl patch --patch-file`. */
  readonly patch?: string;
  readonly alternatives?: readonly Alternative[];
  /** Lines for the image's last stage. */
  readonly dockerfile?: string;
  readonly command?: string;
  readonly checks?: readonly Check[];
  readonly followUp?: readonly string[];
};

export type Alternative = { readonly summary: string; readonly patch?: string; readonly lines?: string };

export type Check = {
  readonly name: 'KubeletUser';
  readonly result: 'Passed' | 'Failed' | 'Skipped';
  readonly message: string;
};
