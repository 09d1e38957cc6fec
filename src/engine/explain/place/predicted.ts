// What a manifest shows by itself: fields that contradict each other, so that the kubelet would refuse the container.

import { kubeletSentence } from '../../messages/kubelet/kubelet-sentences.ts';
import { effective, verifyRunAsNonRoot } from '../../platform/kubelet/kubelet-user.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import type { Cause } from '../../model/cause.ts';
import type { Container } from '../../model/pod.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { ExplainedWorkload } from '../judge-manifests.ts';
import type { Place } from './place.ts';
import { placedFailure, type PlacedFailure } from './placed-failure.ts';

/** The account that Windows regards as root. */
const administrator = 'ContainerAdministrator';

/** Of workloads of which nothing else is known to fail. */
export function predictedFailures(
  places: readonly Place[],
  failures: readonly PlacedFailure[],
  workloads: readonly ExplainedWorkload[],
): readonly PlacedFailure[] {
  const failing = new Set(failures.map(({ placed }) => placed?.place));
  return places
    .filter((place) => !failing.has(place) && !isJudged(place, workloads))
    .flatMap((place) =>
      containersOf(place.template.manifest).flatMap((container) => {
        const cause = contradictionIn(place, container);
        if (!cause) return [];
        const { name, type } = container;
        const failure = {
          cause,
          message: kubeletSentence(cause, administrator),
          container: { name, type },
          image: {},
          pod: {},
          predicted: true,
        };
        return [placedFailure(failure, [place])];
      }),
    );
}

const isJudged = ({ workload }: Place, workloads: readonly ExplainedWorkload[]): boolean =>
  workload !== undefined &&
  workloads.some(({ status }) => status.workload === `${workload.ref.kind}/${workload.ref.name}`);

/** A container that has run is judged by what came of it. */
function contradictionIn({ template, pods }: Place, container: Container): Cause | undefined {
  const hasRun = pods.some(({ manifest }) =>
    containersOf(manifest).some(({ name, state }) => name === container.name && state !== undefined),
  );
  return hasRun ? undefined : refusedAs(template.manifest, container);
}

function refusedAs(manifest: PodManifest, container: Container): Cause | undefined {
  const settings = effective(manifest, container);
  if (settings.runAsNonRoot !== true) return undefined;
  if (settings.runAsUserName?.toLowerCase() === administrator.toLowerCase()) return 'WindowsAdministrator';
  const isWindows = manifest.spec.os?.name === 'windows' || settings.runAsUserName !== undefined;
  const { passes } = isWindows ? { passes: true } : verifyRunAsNonRoot(settings, undefined);
  return passes === false ? 'RunAsUserIsRoot' : undefined;
}
