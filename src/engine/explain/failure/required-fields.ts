// What Pod Security requires, as far as its message says it: the fields at the level that the message offers, and in words what
// must go away.

import type { Fix, Step } from '../../model/fix.ts';
import type { Violation } from '../../model/pod-security.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { compare } from '../../platform/data/compare.ts';
import { containerNamed, listOf } from '../../platform/kubernetes/pod-containers.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';

/** Fields of one level: what is missing is added, what is forbidden is set otherwise. */
type Required = {
  /** Of a security context, at the level that the message names. */
  readonly context?: object;
  /** Of the pod's spec. */
  readonly spec?: object;
  /** What no field can be set to cure. */
  readonly remove?: string;
};

/** Both levels are refused, each for itself. */
const isOfBoth = ({ detail }: Violation): boolean => /^pod and\b/.test(detail);

function removedCapabilities(detail: string): Required {
  const parts = detail.matchAll(/must not include ((?:"[^"]{1,64}"(?:, )?)+)/g);
  const names = Array.from(parts, ([, list = '']) => list.replaceAll('"', '').trim());
  return names.length > 0 ? { remove: `${names.join(', ')} from securityContext.capabilities.add` } : {};
}

/** Whether the message offers the pod as well as its containers: one line then cures all of them. */
const isOfferedToPod = ({ detail }: Violation): boolean => /^pod (?:or|must)\b/.test(detail);

const required: Readonly<Record<string, (violation: Violation) => Required>> = {
  'runAsNonRoot != true': () => ({ context: { runAsNonRoot: true } }),
  'allowPrivilegeEscalation != false': () => ({ context: { allowPrivilegeEscalation: false } }),
  'unrestricted capabilities': ({ detail }) => ({
    ...(/\bmust set\b/.test(detail) && { context: { capabilities: { drop: ['ALL'] } } }),
    ...removedCapabilities(detail),
  }),
  seccompProfile: () => ({ context: { seccompProfile: { type: 'RuntimeDefault' } } }),
  'runAsUser=0': () => ({ context: { runAsUser: { fillIn: 'uid' } } }),
  privileged: () => ({ context: { privileged: false } }),
  'host namespaces': ({ detail }) => ({
    spec: Object.fromEntries(
      Array.from(detail.matchAll(/\b(hostNetwork|hostPID|hostIPC)=true/g), ([, field = '']) => [
        field,
        false,
      ]),
    ),
  }),
  'non-default capabilities': ({ detail }) => removedCapabilities(detail),
  procMount: () => ({ context: { procMount: 'Default' } }),
};

export type RequiredFields = Pick<Fix, 'summary' | 'followUp'> & {
  /** Of a pod. */
  readonly example?: PodPatch;
  /** True where these fields are all that is required. */
  readonly isWhole: boolean;
};

/** A reason that is not known may be any word. */
function answerTo(violation: Violation): Required {
  const { reason } = violation;
  const known = Object.hasOwn(required, reason) ? required[reason] : undefined;
  return known?.(violation) ?? { remove: wordsFor(violation) };
}

/** Containers for which lines are shown. */
const maxContainers = 8;

/** @param manifest says which containers are init containers */
export function requiredFields(
  { enforced, violations = [], workload }: ReportedFailure,
  manifest?: PodManifest,
): RequiredFields {
  const reasons = [...new Set(violations.map(({ reason }) => reason))];
  const answers = violations.map((violation) => ({
    violation,
    answer: answerTo(violation),
  }));
  const example = exampleOf(answers, manifest);
  const where =
    workload === undefined ? 'the pod template' : `the pod template of ${workload.kind} ${workload.name}`;
  const isUnsure = manifest === undefined && example !== undefined && 'containers' in example;
  const summary = `what Pod Security requires, in ${where}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`;
  return {
    summary,
    ...(example && { example: { spec: example } }),
    isWhole: answers.every(({ answer }) => answer.remove === undefined),
    followUp: [
      ...(enforced === false ? [{ text: 'Pod Security only warns: the pods are not refused' }] : []),
      ...answers.flatMap(({ answer }) =>
        answer.remove === undefined ? [] : [{ text: `Remove ${answer.remove}` }],
      ),
      ...(isUnsure ? [{ text: initContainers }] : []),
      ...(reasons.includes('runAsNonRoot != true') ? [checkImage] : []),
    ],
  };
}

const initContainers =
  'The message does not say which of these are init containers: their lines go under initContainers';

const checkImage: Step = {
  text: 'With runAsNonRoot the kubelet refuses an image whose USER is root, a name or not set. Check the image',
  command: { do: 'inspectImage', reference: { fillIn: 'image' } },
};

/** `hostPath volumes (volumes "proc", "sys")` */
const wordsFor = ({ reason, detail }: Violation): string =>
  `what is refused as ${reason}${detail === '' ? '' : ` (${detail})`}`;

type Answered = { readonly violation: Violation; readonly answer: Required };

/** A spec of a pod; undefined where there is nothing to write. */
function exampleOf(answers: readonly Answered[], manifest: PodManifest | undefined) {
  const ofPod = answers.filter(
    ({ violation, answer }) =>
      answer.context && (isOfferedToPod(violation) || isOfBoth(violation) || !violation.containers),
  );
  const ofContainers = answers.filter(
    (one) => one.answer.context && (isOfBoth(one.violation) || !ofPod.includes(one)),
  );
  const names = [...new Set(ofContainers.flatMap(({ violation }) => violation.containers ?? []))];
  const containers = names.slice(0, maxContainers).map((name) => ({
    name,
    securityContext: contextOf(ofContainers.filter(({ violation }) => violation.containers?.includes(name))),
  }));
  const spec = {
    ...Object.assign({}, ...answers.map(({ answer }) => answer.spec ?? {})),
    ...(ofPod.length > 0 && { securityContext: contextOf(ofPod) }),
    ...listsOf(containers, manifest),
  };
  return Object.keys(spec).length > 0 ? spec : undefined;
}

type ContainerFields = { readonly name: string; readonly securityContext: object };

function listsOf(containers: readonly ContainerFields[], manifest: PodManifest | undefined) {
  const typeOf = ({ name }: ContainerFields) =>
    (manifest && containerNamed(manifest, name)?.type) ?? 'Container';
  const lists = Map.groupBy(containers, (one) => listOf[typeOf(one)]);
  return Object.fromEntries([...lists].toSorted(([one], [other]) => compare(other, one)));
}

const contextOf = (answers: readonly Answered[]): object =>
  Object.assign({}, ...answers.map(({ answer }) => answer.context));
