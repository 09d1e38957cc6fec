// What is known of the image behind a finding, from all pods that show it, and what would have to be read.

import type { Finding, ImageFacts } from '../../model/finding.ts';
import type { FoundAccess, Risk, SoughtAccess } from '../../model/image.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageAnswer, ImageQuestion, ImageReading } from '../../model/question.ts';
import { present } from '../../platform/data/field.ts';
import { needsUser } from '../../platform/image/image-base.ts';
import { parseReference } from '../../platform/image/image-reference.ts';
import { printable } from '../../platform/data/printable.ts';
import type { FoundImage } from './image-digest.ts';
import { findImage } from './image-digest.ts';
import { podRisks } from './pod-risks.ts';

/** A container that shows the finding. */
export type ShownContainer = { readonly container: Container; readonly pod: Pod };

export type Inspected = { readonly finding: Finding; readonly questions: readonly ImageQuestion[] };

/** Different images under one name that are read for one finding; nodes rarely have more than two. */
const maxImages = 4;

/** Of a USER as a finding shows it, and of its name as the kubelet's sentence does, in characters. */
const maxWritten = 256;
const maxPrinted = 200;

const maxVolumes = 16;
const maxVolumeLength = 256;

/** Fills in the image of a finding. Where its reading is still to come, the finding says so. */
export function inspect(finding: Finding, shown: readonly ShownContainer[], snapshot: Snapshot): Inspected {
  if (finding.image.resolution !== 'NotAttempted') return { finding, questions: [] };
  const images = distinct(shown.map(({ container, pod }) => imageEvidence(container, pod, snapshot))).slice(
    0,
    maxImages,
  );
  const open = images.filter((image) => !image.reading);
  const readings = images.filter((image) => image.reading !== undefined);
  const facts = readings.length === images.length ? believable(finding, agreed(readings)) : undefined;
  const known = facts ?? recordedFacts(finding, images, snapshot) ?? pending(images);
  const { risks: found, ...image } = known;
  const risks = allRisks(finding, known, shown) ?? found;
  return {
    finding: {
      ...finding,
      image: { ...finding.image, ...image },
      ...(risks && risks.length > 0 && { risks }),
    },
    questions: open.map(({ question }) => (isSettled(known, images) ? asRecheck(question) : question)),
  };
}

/** Causes that the image's own user may cure. */
const curedByUser: ReadonlySet<Finding['cause']> = new Set([
  'ImageRunsAsRoot',
  'NonNumericUser',
  'RunAsUserIsRoot',
  'UserNotInImage',
]);

/** Of the image and of the pod; undefined where there is no user to run as. */
function allRisks(
  { cause }: Finding,
  { uid, risks = [] }: KnownImage,
  [first]: readonly ShownContainer[],
): readonly Risk[] | undefined {
  if (!uid || !first || !curedByUser.has(cause)) return undefined;
  const known = new Map(
    [...risks, ...podRisks(first.container, first.pod.manifest)].map((risk) => [riskId(risk), risk]),
  );
  return [...known.values()].slice(0, maxRisks);
}

/** As many as a Diagnosis takes. */
const maxRisks = 16;

const riskId = ({ code, detail }: Risk): string => `${code} ${detail}`;

type ImageEvidence = {
  readonly found: FoundImage;
  readonly question: ImageQuestion;
  readonly reading?: ImageReading;
};
type KnownImage = Omit<ImageFacts, 'reference'> & Pick<Finding, 'risks'>;

export function imageEvidence(
  container: Container,
  pod: Pod,
  { answers, nodes }: Snapshot,
  only?: 'user',
): ImageEvidence {
  const found = findImage(container, pod, nodes);
  const question: ImageQuestion = {
    ask: 'image',
    reference: container.image,
    ...(found.digest !== undefined && { digest: found.digest }),
    ...(found.platform && { platform: found.platform }),
    namespace: pod.namespace,
    serviceAccount: pod.serviceAccount ?? 'default',
    pullSecrets: pod.pullSecrets ?? [],
    ...(isPulled(container) && { isPulled: true }),
    ...(only && { only }),
  };
  const ids = new Set([imageId(question), imageId({ ...question, only: undefined })]);
  const answer = answers.find(
    (given): given is ImageAnswer => 'reading' in given && ids.has(imageId(given.question)),
  );
  return { found, question, ...(answer && { reading: answer.reading }) };
}

/** Its status speaks of an image of the registry that its spec names. */
function isPulled({ image, pulledImage = '' }: Container): boolean {
  const host = parseReference(pulledImage)?.host;
  return host !== undefined && host === parseReference(image)?.host;
}

/** Two questions with the same id have the same answer: what one namespace may pull says nothing of another. */
export function imageId(
  question: Omit<ImageQuestion, 'only'> & { readonly only?: ImageQuestion['only'] | undefined },
): string {
  const { reference, digest, platform, namespace, serviceAccount, pullSecrets, only, access } = question;
  const asked = access ? [access.path, access.uid, access.gid, access.wanted] : [];
  const image = [reference, digest, platform?.os, platform?.architecture, platform?.variant];
  return JSON.stringify([...image, namespace, serviceAccount, pullSecrets, only, ...asked]);
}

type AccessAnswer = {
  readonly question: ImageQuestion;
  readonly access?: FoundAccess;
  /** True also where the image could not be read, or does not decide it. */
  readonly isAnswered: boolean;
};

/** What a container's image says of what its process was denied, once it has been read for that. */
export function accessAnswer(
  container: Container,
  pod: Pod,
  access: SoughtAccess,
  snapshot: Snapshot,
): AccessAnswer {
  const question: ImageQuestion = { ...imageEvidence(container, pod, snapshot).question, access };
  const id = imageId(question);
  const answer = snapshot.answers.find(
    (given): given is ImageAnswer => 'reading' in given && imageId(given.question) === id,
  );
  const found = answer?.reading.is === 'read' ? answer.reading.access : undefined;
  return { question, ...(found && { access: found }), isAnswered: answer !== undefined };
}

/** In an order that does not depend on which pod came first. */
function distinct(images: readonly ImageEvidence[]): readonly ImageEvidence[] {
  const byId = new Map(images.map((image) => [imageId(image.question), image]));
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image);
}

/** One user, if all images under this name agree; a number that holds on one node only is none. */
function agreed(images: readonly ImageEvidence[]): KnownImage | undefined {
  const facts = images.flatMap(({ found, reading }) => (reading ? factsOf(found, reading) : []));
  const [first] = facts;
  const other = facts.find((fact) => who(fact) !== who(first));
  if (!first) return undefined;
  if (!other) return shared(first, facts);
  return {
    ...(first.digest !== undefined && { digest: first.digest }),
    ...(first.digestFrom !== undefined && { digestFrom: first.digestFrom }),
    resolution: 'Unreadable',
    detail: `the nodes have different images under this name: ${described(first)}; ${described(other)}`,
  };
}

/** Of images that agree on the user, what else they agree on, and the risks of all of them. */
function shared(first: KnownImage, facts: readonly KnownImage[]): KnownImage {
  const { volumes, base, droppedUser, risks: _risks, ...rest } = first;
  const risks = facts.flatMap((fact) => fact.risks ?? []);
  const isShared = (part: 'volumes' | 'base' | 'droppedUser'): boolean =>
    facts.every((fact) => JSON.stringify(fact[part]) === JSON.stringify(first[part]));
  return {
    ...rest,
    risks: [...new Map(risks.map((risk) => [riskId(risk), risk])).values()],
    ...(volumes && isShared('volumes') && { volumes }),
    ...(base && isShared('base') && { base }),
    ...(droppedUser && isShared('droppedUser') && { droppedUser }),
  };
}

/**
 * What the kubelet printed came from the image that the node has. An image that says something else is not that one,
 * or the runtime did not report its user: in neither case is its user the answer.
 */
function believable(finding: Finding, facts: KnownImage | undefined): KnownImage | undefined {
  if (facts?.user === undefined) return facts;
  const written = printable(facts.user.split(':', 1)[0] ?? '', maxPrinted);
  if (isWhatKubeletSaw(finding, written)) return facts;
  if (finding.cause === 'ImageRunsAsRoot' && facts.digestFrom !== 'registry') {
    return { ...facts, detail: `${facts.detail ?? ''}; the container runtime did not report this user` };
  }
  const { digest, digestFrom, user } = facts;
  const detail = `this image has USER ${user || '(none)'}, which is not what the kubelet saw: the node has another one`;
  return present({ digest, digestFrom, user, resolution: 'Unreadable' as const, detail });
}

function isWhatKubeletSaw({ cause, image }: Finding, written: string): boolean {
  switch (cause) {
    case 'NonNumericUser':
    case 'InvalidImageUID':
      return image.user === undefined || written === image.user || Number(written) === Number(image.user);
    case 'ImageRunsAsRoot':
      return written === '' || Number(written) === 0;
    case 'RunAsUserIsRoot':
    case 'WindowsAdministrator':
    case 'UserNotInImage':
    case 'PodSecurityViolation':
    case 'NonRootPermissionDenied':
      return true;
    default:
      return cause satisfies never;
  }
}

const who = (fact: KnownImage | undefined): string =>
  JSON.stringify([fact?.resolution, fact?.uid, fact?.gid, fact?.user]);

function described({ digest, uid, user, resolution }: KnownImage): string {
  const means = uid === undefined ? resolution : `uid ${uid}`;
  return `${digest ?? 'the tag'} has USER ${user === undefined || user === '' ? '(none)' : user} (${means})`;
}

const resolutions = {
  resolved: 'Resolved',
  notInImage: 'NotInImage',
  invalid: 'Invalid',
  unreadable: 'Unreadable',
  notNeeded: 'NotNeeded',
} as const;

/** A reading in the words of a finding. */
export function factsOf(found: FoundImage, reading: ImageReading): KnownImage {
  const image = {
    ...(found.digest !== undefined && { digest: found.digest }),
    ...(found.digestFrom !== undefined && { digestFrom: found.digestFrom }),
  };
  if (reading.is !== 'read') {
    return {
      ...image,
      resolution: reading.is === 'unread' ? 'Unreadable' : 'NotAttempted',
      detail: reading.because,
      ...(reading.trouble && { trouble: reading.trouble }),
    };
  }
  const { user, written, movedTo, risks } = reading;
  const volumes = (reading.volumes ?? []).filter(isWhole).slice(0, maxVolumes);
  const { base, droppedUser } = needsUser(user) ? reading : {};
  const moved = movedTo === undefined ? '' : `; the tag has moved since, to ${movedTo}`;
  return {
    ...(found.digest === undefined ? { digest: reading.digest, digestFrom: 'registry' } : image),
    user: printable(written, maxWritten),
    resolution: resolutions[user.is],
    detail: `${user.detail}${moved}`,
    ...(user.is === 'resolved' && { uid: user.uid, ...(user.gid !== undefined && { gid: user.gid }) }),
    ...(user.is === 'resolved' && user.userGroup !== undefined && { userGroup: user.userGroup }),
    ...(volumes.length > 0 && { volumes }),
    ...(base && { base }),
    ...(droppedUser && { droppedUser }),
    risks,
  };
}

/** A path that would have to be cut or changed to be shown is another path. */
const isWhole = (path: string): boolean => path.startsWith('/') && printable(path, maxVolumeLength) === path;

/** What was read before the restart is good enough to show, if it is of the same image. */
function recordedFacts(
  finding: Finding,
  images: readonly ImageEvidence[],
  { recorded }: Snapshot,
): KnownImage | undefined {
  const [image] = images;
  const was = recorded?.status?.findings.find(
    ({ container }) => container.name === finding.container.name && container.type === finding.container.type,
  );
  if (!image || images.length > 1 || !was || was.image.reference !== finding.image.reference)
    return undefined;
  const { digest, digestFrom } = image.found;
  const isSame = digest === undefined || digest === was.image.digest;
  const { reference: _same, ...facts } = was.image;
  // What could not be read before is no more readable under another digest, as far as is known.
  if (!isSame && facts.resolution !== 'Unreadable') return undefined;
  return { ...facts, ...present({ digest, digestFrom }), ...(was.risks && { risks: was.risks }) };
}

/** A record may be wrong: a person or an older version may have written it. */
const asRecheck = (question: ImageQuestion): ImageQuestion => ({ ...question, isRecorded: true });

/** What is recorded of a digest whose user is known stands for now; a tag may have moved, and trouble may have passed. */
function isSettled({ resolution, digest }: KnownImage, images: readonly ImageEvidence[]): boolean {
  const isLasting = resolution === 'Resolved' || resolution === 'NotInImage' || resolution === 'Invalid';
  return isLasting && images.every(({ found }) => found.digest !== undefined && found.digest === digest);
}

function pending(images: readonly ImageEvidence[]): KnownImage {
  const [image] = images;
  const { digest, digestFrom } = image?.found ?? {};
  return {
    ...(digest !== undefined && { digest }),
    ...(digestFrom !== undefined && { digestFrom }),
    resolution: 'NotAttempted',
    detail: 'the image is being read',
  };
}
