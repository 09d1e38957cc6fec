// What a manifest adds to a failure in a text: the container's image and type, the workload, and the fields that decide.

import { findingAbout } from '../../diagnose/finding.ts';
import type { Finding } from '../../model/finding.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';
import { printableLine } from '../../platform/data/printable.ts';
import { containerNamed } from '../../platform/kubernetes/pod-containers.ts';
import { placedIn, type Place, type PlacedContainer } from './place.ts';

export type PlacedFailure = {
  readonly failure: ReportedFailure;
  /** Absent where no manifest is beside the text, or none that the failure is about. */
  readonly placed?: PlacedContainer & { readonly finding: Finding };
};

export function placedFailure(failure: ReportedFailure, places: readonly Place[]): PlacedFailure {
  const placed = placedIn(failure, places);
  if (!placed) return { failure };
  const { place, container, pod } = placed;
  const { violations, policy, image } = failure;
  const about = findingAbout(
    { ...failure, ...present({ user: image.user }) },
    container,
    pod,
    place.template,
  );
  const finding = { ...about, ...present({ violations, policy }) };
  const { ref } = place.workload ?? {};
  return { failure: enriched(failure, placed, finding, ref), placed: { ...placed, finding } };
}

function enriched(
  failure: ReportedFailure,
  { place, container, pod }: PlacedContainer,
  { settings }: Finding,
  ref: { readonly kind: string; readonly name: string } | undefined,
): ReportedFailure {
  const isKnown = containerNamed(place.template.manifest, container.name) !== undefined;
  const image = line(container.image);
  const reference = failure.image.reference ?? (image === '' ? undefined : image);
  return {
    ...failure,
    container: present({
      name: line(container.name),
      type: isKnown ? container.type : failure.container.type,
    }),
    image: { ...failure.image, ...(reference !== undefined && { reference }) },
    pod: present({
      name: failure.pod.name ?? (ref?.kind === 'Pod' ? pod.name : undefined),
      namespace: failure.pod.namespace ?? place.namespace,
    }),
    ...(ref && ref.kind !== 'Pod' && { workload: { kind: line(ref.kind), name: line(ref.name) } }),
    ...(settings.length > 0 && { settings }),
  };
}

/** A manifest may hold any text where a name should stand. */
const line = (name: string): string => printableLine(name);
