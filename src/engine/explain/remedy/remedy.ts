// What would cure one failure that a text tells of: the operator's own cure, made for a pod of which no more is known
// than the text says. What only the image or a person knows stays open.

import type { FailureRemedy } from './remedy-type.ts';
import type { Cause } from '../../model/cause.ts';
import type { Finding, ImageFacts } from '../../model/finding.ts';

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { cureFor } from '../../fix/cure/cure.ts';
import { type Cure } from '../../fix/cure/change.ts';
import type { DockerfileLines } from '../../fix/advice/dockerfile.ts';
import { patchText } from '../../fix/patch/patch-text.ts';
import { isPlaceable, placeCures } from '../../fix/patch/place-cures.ts';
import { groupTemplate, numberTemplate } from './templates.ts';
import { missingFields } from './missing-fields.ts';

/** Stands for a container whose name the text does not say; no container can have it. */
export const anyContainer = '<container>';

export function remedyFor(told: ReportedFailure): FailureRemedy {
  const finding = findingOf(told);
  const manifest: PodManifest = { spec: { containers: [{ name: finding.container.name }] } };
  const plain = remedyOf(cureFor(finding, { manifest }), manifest);
  return { ...plain, ...more[told.cause](told, plain) };
}

const resolutions: Readonly<Partial<Record<Cause, ImageFacts['resolution']>>> = {
  InvalidImageUID: 'Invalid',
  UserNotInImage: 'NotInImage',
  WindowsAdministrator: 'NotNeeded',
};

function findingOf(told: ReportedFailure): Finding {
  const { cause, container, image, pod: _pod, enforced: _enforced, ...rest } = told;
  const { reference = '' } = image;
  // The number of a user that the image does not have cannot be found in it.
  const user = cause === 'UserNotInImage' ? undefined : image.user;
  return {
    ...rest,
    cause,
    container: { name: container.name ?? anyContainer, type: container.type ?? 'Container' },
    settings: [],
    image: {
      reference,
      ...(user !== undefined && { user }),
      resolution: resolutions[cause] ?? 'NotAttempted',
    },
  };
}

/** There is no workload that could be patched, so that a patch is only an example of what to write. */
function remedyOf(cure: Cure, manifest: PodManifest): FailureRemedy {
  const { type, summary, why } = cure;
  const dockerfile = cure.dockerfile && asNonRoot(cure.dockerfile);
  const certainty = (type === 'ImageChange' && dockerfile?.certainty) || cure.certainty;
  const patch = isPlaceable(cure) ? placeCures([cure], manifest, manifest) : undefined;
  const isEmpty = Object.keys(patch?.spec ?? {}).length === 0;
  return {
    type: type === 'WorkloadPatch' ? 'Manual' : type,
    certainty,
    summary,
    ...(dockerfile && { dockerfile }),
    ...(patch && !isEmpty && { alternatives: [{ summary, certainty, lines: patchText(patch, 'spec') }] }),
    ...(why !== undefined && !isEmpty && { steps: stepOf(why) }),
  };
}

/** Without the user's number the lines would leave the image to root. */
function asNonRoot(dockerfile: DockerfileLines): DockerfileLines {
  const last = dockerfile.lines.match(/^USER .*$/gm)?.at(-1);
  if (last !== 'USER 0') return dockerfile;
  return { ...dockerfile, certainty: 'Template', lines: `${dockerfile.lines}USER <uid>:<gid>\n` };
}

/** Says nothing of a number that is not known. */
const stepOf = (why: string): readonly string[] =>
  why.includes('undefined') ? [] : [why.replace(`Container ${anyContainer}`, 'The container')];

/** What a text leaves open, and where to find it. */
const more: Readonly<Record<Cause, (told: ReportedFailure, plain: FailureRemedy) => Partial<FailureRemedy>>> =
  {
    ImageRunsAsRoot: (told) => ({
      steps: [`To see what the image is built on and whom its entrypoint drops to: ${imageCommand(told)}`],
    }),
    NonNumericUser: (told, plain) =>
      told.image.user === 'root'
        ? more.ImageRunsAsRoot(told, plain)
        : {
            alternatives: [numberTemplate(told)],
            steps: [`To find the number, in the image itself: ${imageCommand(told)}`],
          },
    InvalidImageUID: () => ({}),
    RunAsUserIsRoot: (told, { summary }) => ({
      summary: `${summary}, or from its pod`,
      steps: [`What counts then is the user of the image: ${imageCommand(told)}`],
    }),
    WindowsAdministrator: () => ({}),
    UserNotInImage: (told) =>
      told.family === 'userns-unmapped'
        ? {}
        : {
            alternatives: [numberTemplate({ ...told, image: {} })],
            steps: [`To see what the image says of its user: ${imageCommand(told)}`],
          },
    PodSecurityViolation: (told) => ({
      type: 'Manual',
      certainty: 'Template',
      ...missingFields(told),
    }),
    NonRootPermissionDenied: (told) => groupTemplate(told) ?? {},
  };

/** A shell must not take anything of the reference for its own. */
function imageCommand({ image, container }: ReportedFailure): string {
  const { reference } = image;
  const isPlain = reference !== undefined && /^\w[\w.:/@-]*$/.test(reference);
  return `rootcause image ${isPlain ? reference : `<image of ${container.name ?? 'the container'}>`}`;
}
