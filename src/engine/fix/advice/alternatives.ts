// What else would help beside the fix itself: cures of single containers, volumes, and what a person asked to be offered.

import type { Alternative } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Namespace } from '../../model/snapshot.ts';
import { containersOf, listOf } from '../../platform/kubernetes/pod-containers.ts';
import { namespaceLevels } from '../../platform/pod-security/pod-security-labels.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import type { ContainerCure } from '../cure/change.ts';
import { placeCures } from '../patch/place-cures.ts';
import type { FixInput, Pods } from '../fix-input.ts';
import { changesNothing, objectPatch } from '../patch/object-patch.ts';
import { mergedPatch } from '../patch/patch-merge.ts';
import { readOnlyRoot } from './read-only-root.ts';

/** As many as the schema takes; the findings themselves are all listed. */
export const maxAlternatives = 8;

type Beside = {
  /** Cures that the fix itself does not carry. */
  readonly others?: readonly ContainerCure[];
  /** What stands in front of them. */
  readonly first?: readonly Alternative[];
  /** The patch of the fix: one that adds to it has to contain it, since each is applied alone. */
  readonly patch?: PodPatch;
};

export function alternativesFor(
  input: FixInput,
  { others = [], first = [], patch }: Beside,
): readonly Alternative[] {
  const { cures, pods, policy, namespace } = input;
  return [
    ...first,
    ...others.map((cure) => ofOneContainer(cure, pods)),
    ...cures.flatMap(({ also = [], finding }) =>
      also.map((cure) => alternativeTo({ ...cure, finding }, pods)),
    ),
    ...(pods ? volumeGroup(cures, pods, patch) : []),
    ...(pods && patch ? readOnlyRoot(input, pods, patch) : []),
    ...(pods && policy.allowRootExemption ? exemptions(cures, pods, namespace) : []),
  ].slice(0, maxAlternatives);
}

function ofOneContainer(cure: ContainerCure, pods: Pods | undefined): Alternative {
  const alternative = alternativeTo(cure, pods);
  return { ...alternative, summary: `container ${cure.finding.container.name}: ${alternative.summary}` };
}

function alternativeTo(cure: ContainerCure, pods: Pods | undefined): Alternative {
  const { summary, certainty, dockerfile } = cure;
  const patch = pods && placeCures([cure], pods);
  return {
    summary,
    certainty,
    ...(pods &&
      patch &&
      !changesNothing(patch, pods.template.manifest) && { patch: objectPatch(patch, pods) }),
    ...(dockerfile && { dockerfile }),
  };
}

/**
 * A process that is no longer root may not write to a volume that belongs to root. Only claims are named: the kubelet
 * gives emptyDir to all users, and hostPath takes no group.
 */
function volumeGroup(
  cures: readonly ContainerCure[],
  pods: Pods,
  patch: PodPatch = { spec: {} },
): readonly Alternative[] {
  const { made } = pods;
  if (made.spec.securityContext?.fsGroup !== undefined) return [];
  const groups = new Set(cures.map(({ change }) => change?.fields.runAsGroup));
  const [group] = groups;
  if (groups.size !== 1 || typeof group !== 'number') return [];
  const names = new Set(cures.map(({ finding }) => finding.container.name));
  const claims = claimsWrittenBy(made, names);
  if (claims.length === 0) return [];
  const securityContext = { fsGroup: group, fsGroupChangePolicy: 'OnRootMismatch' };
  return [
    {
      summary:
        `also fsGroup ${group}, if the container cannot write to volume ${claims.join(', ')}: the kubelet then gives its ` +
        'files to that group; this takes long for many files, and NFS and some drivers ignore it',
      certainty: 'TestFirst',
      patch: objectPatch(mergedPatch(patch, { spec: { securityContext } }), pods),
    },
  ];
}

function claimsWrittenBy(made: PodManifest, names: ReadonlySet<string>): readonly string[] {
  const mounted = containersOf(made)
    .filter(({ name }) => names.has(name))
    .flatMap(({ volumeMounts = [] }) => volumeMounts.filter(({ readOnly }) => readOnly !== true));
  const claims = (made.spec.volumes ?? []).filter((volume) => 'persistentVolumeClaim' in volume);
  return claims.map(({ name }) => name).filter((name) => mounted.some((mount) => mount.name === name));
}

/** Only where a person asked for it, of the one container, and not where the namespace would refuse it. */
function exemptions(
  cures: readonly ContainerCure[],
  pods: Pods,
  namespace: Namespace | undefined,
): readonly Alternative[] {
  const { made } = pods;
  const { enforce } = namespaceLevels(namespace?.podSecurity ?? {});
  return cures.filter(isWithoutPatch).flatMap(({ finding }) => {
    const { name, type } = finding.container;
    const patch = { spec: { [listOf[type]]: [{ name, securityContext: { runAsNonRoot: false } }] } };
    const isRefused = enforce && podSecurityViolations(patchedManifest(made, patch), enforce).length > 0;
    if (type === 'EphemeralContainer' || isRefused) return [];
    const summary =
      `allow container ${name} alone to run as root, as its image does (shown because of --allow-root-exemption; ` +
      'restricted namespaces refuse it)';
    return [{ summary, certainty: 'TestFirst' as const, patch: objectPatch(patch, pods) }];
  });
}

const isWithoutPatch = ({ change, finding }: ContainerCure): boolean =>
  change === undefined && finding.cause !== 'WindowsAdministrator';
