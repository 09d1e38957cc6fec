// What else would help beside the fix itself: cures of single containers, volumes, and what a person asked to be offered.

import type { Alternative } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import { containersOf } from '../../platform/kubelet/kubelet-user.ts';
import { namespaceLevels } from '../../platform/pod-security/pod-security-labels.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import type { Cure } from '../cure/change.ts';
import { isPlaceable, placeCures } from '../patch/place-cures.ts';
import type { FixInput } from '../fix-input.ts';
import { patchText } from '../patch/patch-text.ts';

/** As many as the schema takes; the findings themselves are all listed. */
export const maxAlternatives = 8;

/** @param beside cures that the fix itself does not carry */
export function alternativesFor(beside: readonly Cure[], occasion: FixInput): readonly Alternative[] {
  return [
    ...beside.map((cure) => ofOneContainer(cure, occasion)),
    ...volumeGroup(occasion),
    ...exemptions(occasion),
  ].slice(0, maxAlternatives);
}

function ofOneContainer(cure: Cure, { workload, made }: FixInput): Alternative {
  const { template } = workload;
  const patch =
    isPlaceable(cure) && template && made
      ? patchText(placeCures([cure], template.manifest, made), template.path)
      : undefined;
  return {
    summary: `container ${cure.finding.container.name}: ${cure.summary}`,
    certainty: cure.certainty,
    ...(patch !== undefined && { patch }),
    ...(cure.dockerfile && { lines: cure.dockerfile.lines }),
  };
}

/**
 * A process that is no longer root may not write to a volume that belongs to root. Only claims are named: the kubelet
 * gives emptyDir to everybody, and hostPath takes no group.
 */
function volumeGroup({ cures, workload, made }: FixInput): readonly Alternative[] {
  const { template } = workload;
  if (!template || !made || made.spec.securityContext?.fsGroup !== undefined) return [];
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
        `also fsGroup ${group}, if the container may not write to volume ${claims.join(', ')}: the kubelet then gives ` +
        'the files on it to that group, which takes long where there are many, and which NFS and some drivers ignore',
      certainty: 'TestFirst',
      patch: patchText({ spec: { securityContext } }, template.path),
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
function exemptions({ cures, workload, made, policy, snapshot }: FixInput): readonly Alternative[] {
  const { template } = workload;
  if (!policy.allowRootExemption || !template || !made) return [];
  const { enforce } = namespaceLevels(snapshot.namespace?.podSecurity ?? {});
  return cures.filter(isWithoutPatch).flatMap(({ finding }) => {
    const { name, type } = finding.container;
    const list = type === 'Container' ? 'containers' : 'initContainers';
    const patch = { spec: { [list]: [{ name, securityContext: { runAsNonRoot: false } }] } };
    const isRefused = enforce && podSecurityViolations(patchedManifest(made, patch), enforce).length > 0;
    if (type === 'EphemeralContainer' || isRefused) return [];
    const summary =
      `exempt container ${name} alone, so that it runs as root as its image wants: offered because ` +
      '--allow-root-exemption asks for it; restricted namespaces refuse it';
    return [{ summary, certainty: 'TestFirst' as const, patch: patchText(patch, template.path) }];
  });
}

const isWithoutPatch = ({ change, finding }: Cure): boolean =>
  change === undefined && finding.cause !== 'WindowsAdministrator';
