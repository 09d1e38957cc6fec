// A fix for what a text reports: the operator's own cure, made for a pod of which no more is known than the text says. What
// only the image or a person knows stays open.

import { maxAlternatives } from '../../fix/advice/alternatives.ts';
import { reasonsFor, type Cure } from '../../fix/cure/change.ts';
import { cureFor } from '../../fix/cure/cure.ts';
import { isEmptyPatch } from '../../fix/patch/object-patch.ts';
import { placeCures } from '../../fix/patch/place-cures.ts';
import type { Cause } from '../../model/cause.ts';
import type { Finding, ImageFacts } from '../../model/finding.ts';
import type { Alternative, Fix } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { injectedFix } from './injected-fix.ts';
import { isComplete } from '../place/place.ts';
import type { PlacedFailure } from '../place/placed-failure.ts';
import { userFirst } from './user-first.ts';
import { present } from '../../platform/data/field.ts';
import { openIn } from './open-values.ts';

const maxSteps = 8;

/** One fix for all failures; the first decides what kind of fix it is. Undefined where there are none. */
export function failuresFix(members: readonly PlacedFailure[], isOwn: boolean): Fix | undefined {
  const fixes = members.map((member) => ({ failure: member.failure, fix: failureFix(member, isOwn) }));
  const [first, ...others] = fixes;
  if (!first) return undefined;
  const beside = others.filter(({ fix }) => fix.summary !== first.fix.summary).map(besideOthers);
  const own = fixes.flatMap(({ fix }) => fix.alternatives.filter(({ example }) => example));
  const alternatives = distinct([...first.fix.alternatives, ...own, ...beside], ({ summary }) => summary);
  const steps = fixes.flatMap(({ fix }) => fix.followUp);
  return {
    ...first.fix,
    alternatives: alternatives.slice(0, maxAlternatives),
    followUp: distinct(steps, (step) => JSON.stringify(step)).slice(0, maxSteps),
  };
}

function besideOthers({ failure, fix }: Fixed): Alternative {
  const { name } = failure.container;
  const { summary, certainty, dockerfile } = fix;
  return {
    summary: name === undefined ? summary : `container ${name}: ${summary}`,
    certainty,
    ...(dockerfile && { dockerfile }),
  };
}

type Fixed = { readonly failure: ReportedFailure; readonly fix: Fix };

function distinct<T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}

function failureFix({ failure, placed }: PlacedFailure, isOwn: boolean): Fix {
  const { container } = failure;
  const injected = placed || container.name === undefined ? undefined : injectedFix(container.name);
  if (injected) return injected;
  const finding = placed?.finding ?? findingOf(failure);
  const isGroupSet = placed?.pod.manifest.spec.securityContext?.fsGroup !== undefined;
  const isKnown = placed && (isComplete(placed.place) || isGroupSet);
  const manifest = isKnown ? placed.pod.manifest : undefined;
  const plain = cureFix(finding, manifest, container.name);
  const fix = { ...plain, ...openIn(failure, plain, isGroupSet) };
  return userFirst(fix, [finding], [], isOwn);
}

const resolutions: Readonly<Partial<Record<Cause, ImageFacts['resolution']>>> = {
  InvalidImageUID: 'Invalid',
  UserNotInImage: 'NotInImage',
  WindowsAdministrator: 'NotNeeded',
};

function findingOf(failure: ReportedFailure): Finding {
  const { cause, container, image, message, family, path, paths, attempt, port, policy, violations } =
    failure;
  const { reference = '' } = image;
  // The number of a user that the image does not have cannot be found in it.
  const user = cause === 'UserNotInImage' ? undefined : image.user;
  return {
    cause,
    message,
    ...present({ family, path, paths, attempt, port, policy, violations }),
    container: { name: container.name ?? '<container>', type: container.type ?? 'Container' },
    settings: [],
    image: {
      reference,
      ...(user !== undefined && { user }),
      resolution: resolutions[cause] ?? 'NotAttempted',
    },
  };
}

/** There is no workload that could be patched, so that a patch is only an example of what to write. */
function cureFix(finding: Finding, manifest: PodManifest | undefined, name: string | undefined): Fix {
  const made = manifest ?? { spec: { containers: [{ name: finding.container.name }] } };
  const cure: Cure = cureFor(finding, made);
  const { type, summary, certainty, dockerfile } = cure;
  const pods = { template: { manifest: made }, made };
  const patch = placeCures([{ ...cure, finding }], pods);
  const isEmpty = isEmptyPatch(patch);
  const also = (cure.also ?? []).map((other) => alternativeTo(other, finding, pods));
  const container = name === undefined ? 'the container' : `container ${name}`;
  return {
    type: type === 'WorkloadPatch' ? 'Manual' : type,
    certainty,
    summary,
    ...(dockerfile && { dockerfile }),
    alternatives: [...(isEmpty ? [] : [{ summary, certainty, example: patch }]), ...also],
    checks: [],
    followUp: isEmpty ? [] : reasonsFor(cure, container).map((text) => ({ text })),
  };
}

function alternativeTo(cure: Cure, finding: Finding, pods: Parameters<typeof placeCures>[1]): Alternative {
  const { summary, certainty, dockerfile } = cure;
  const example = placeCures([{ ...cure, finding }], pods);
  return {
    summary,
    certainty,
    ...(dockerfile && { dockerfile }),
    ...(!isEmptyPatch(example) && { example }),
  };
}
