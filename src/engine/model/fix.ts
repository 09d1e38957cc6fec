// What would cure a finding, how sure we are of it, and what proves it.

export type Certainty = 'Certain' | 'TestFirst' | 'Template';

export type Fix = {
  readonly type: 'WorkloadPatch' | 'ImageChange' | 'Recreate' | 'Manual';
  /** Template: a person must fill a value in. */
  readonly certainty: Certainty;
  /** `sha256:…` of the workload's uid, the image digests and the patch; only where there is a patch. */
  readonly digest?: string;
  readonly hardenedDigest?: string;
  /** For the FIX column: `runAsUser 10001`. */
  readonly summary: string;
  /** Strategic merge patch as YAML, ready for `kubectl patch --patch-file`. */
  readonly patch?: string;
  /** The same and everything that Pod Security restricted asks for. */
  readonly hardenedPatch?: string;
  readonly hardenedCertainty?: Certainty;
  readonly alternatives?: readonly Alternative[];
  /** Lines for the image's last stage. */
  readonly dockerfile?: string;
  readonly dockerfileCertainty?: Certainty;
  readonly command?: string;
  readonly checks?: readonly Check[];
  readonly managedBy?: ManagedBy;
  readonly followUp?: readonly string[];
};

export type Alternative = {
  readonly summary: string;
  readonly certainty?: Certainty;
  readonly patch?: string;
  readonly lines?: string;
};

export const checkNames = ['KubeletUser', 'PodSecurity', 'OpenShiftRange', 'DryRun'] as const;

export type Check = {
  readonly name: (typeof checkNames)[number];
  readonly result: 'Passed' | 'Failed' | 'Skipped';
  readonly message: string;
};

/** What writes the workload: a change of the object alone would be taken back. */
export type ManagedBy = {
  readonly tool: 'ArgoCD' | 'Flux' | 'Helm' | 'Operator';
  /** Of the application, the release or the owning object. */
  readonly name: string;
  readonly namespace?: string;
};
