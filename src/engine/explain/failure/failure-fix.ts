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
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { openIn } from './open-values.ts';

const maxSteps = 8;

/** One fix for all failures; the first decides what kind of fix it is. Undefined where there are none. */
export function failuresFix(failures: readonly ReportedFailure[]): Fix | undefined {
  const fixes = failures.map((failure) => ({ failure, fix: failureFix(failure) }));
  const [first, ...others] = fixes;
  if (!first) return undefined;
  const beside = others.filter(({ fix }) => fix.summary !== first.fix.summary).map(besideOthers);
  const alternatives = distinct([...first.fix.alternatives, ...beside], ({ summary }) => summary);
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

function failureFix(failure: ReportedFailure): Fix {
  const plain = cureFix(findingOf(failure), failure.container.name);
  return { ...plain, ...openIn(failure, plain) };
}

const resolutions: Readonly<Partial<Record<Cause, ImageFacts['resolution']>>> = {
  InvalidImageUID: 'Invalid',
  UserNotInImage: 'NotInImage',
  WindowsAdministrator: 'NotNeeded',
};

function findingOf(failure: ReportedFailure): Finding {
  const { cause, container, image, pod: _pod, enforced: _enforced, ...rest } = failure;
  const { reference = '' } = image;
  // The number of a user that the image does not have cannot be found in it.
  const user = cause === 'UserNotInImage' ? undefined : image.user;
  return {
    ...rest,
    cause,
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
function cureFix(finding: Finding, name: string | undefined): Fix {
  const made = { spec: { containers: [{ name: finding.container.name }] } };
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
