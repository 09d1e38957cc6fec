// Compares the diagnoses of a namespace with what a scenario's expect.json says must be reported there.

import { causes } from '../../src/engine/model/cause.ts';
import type { DiagnosisStatus } from '../../src/engine/model/diagnosis.ts';
import type { RecordedFinding } from '../../src/engine/model/diagnosis.ts';
import type { WireDiagnosis } from './objects.ts';
import type { Complaints } from './until.ts';

export type Expectation = {
  readonly about: string;
  /** Seconds after the last action before it holds. */
  readonly wait?: number;
  readonly diagnoses: readonly ExpectedDiagnosis[];
  readonly silent: readonly { readonly namespace: string; readonly workload: string; readonly why: string }[];
};

export type ExpectedDiagnosis = {
  readonly namespace: string;
  readonly workload: string;
  readonly findings: readonly ExpectedFinding[];
  readonly failingPods?: number;
};

export type ExpectedFinding = {
  readonly cause: string;
  readonly container: string;
  readonly containerType: string;
  readonly imageUser?: string;
  readonly uid?: number | null;
};

/** Causes that a later issue adds: until then nothing at all may be said. */
export function isLater(expectation: Expectation): boolean {
  const known: readonly string[] = causes;
  return expectation.diagnoses.some(({ findings }) => findings.some(({ cause }) => !known.includes(cause)));
}

/** A resolved diagnosis counts as none; an expectation of a later issue as one of silence. */
export function compare(expectation: Expectation, diagnoses: readonly WireDiagnosis[]): Complaints {
  const wanted = isLater(expectation) ? [] : expectation.diagnoses;
  const empty = diagnoses.filter(({ status }) => status === undefined);
  const failing = diagnoses.filter(({ status }) => status?.state === 'Failing');
  return [
    ...empty.map(({ metadata }) => `Diagnosis ${metadata.name} has no status yet`),
    ...failing.filter((one) => !wanted.some((want) => isOf(want, one))).map(unwanted),
    ...wanted.flatMap((want) => compareOne(want, failing.filter((one) => isOf(want, one)))), // prettier-ignore
  ];
}

function isOf(want: ExpectedDiagnosis, one: WireDiagnosis): boolean {
  return one.metadata.namespace === want.namespace && one.status?.workload === want.workload;
}

function unwanted({ status }: WireDiagnosis): string {
  const findings = status?.findings.map(describe).join(', ');
  return `expected nothing about ${status?.workload}, there is ${findings}`;
}

function compareOne(want: ExpectedDiagnosis, found: readonly WireDiagnosis[]): Complaints {
  const status = found[0]?.status;
  if (status === undefined)
    return [`expected a Diagnosis of ${want.workload}, there is none in state Failing`];
  if (found.length > 1) return [`expected one Diagnosis of ${want.workload}, there are ${found.length}`];
  const extra = status.findings.filter((one) => !want.findings.some((expected) => isFor(expected, one)));
  return [
    ...extra.map((one) => `${want.workload}: expected no finding ${describe(one)}`),
    ...want.findings.flatMap((expected) => compareFinding(want.workload, expected, status.findings)),
    ...complainOpen(status),
    ...comparePods(want, status.pods.failing),
  ];
}

/** What is still being asked is said in the next write. */
function complainOpen({ workload, findings, fix }: DiagnosisStatus): Complaints {
  const isOpen = fix?.checks?.some(({ message }) => message.includes('has not answered yet'));
  const isPossible = findings.some(({ unconfirmed }) => unconfirmed);
  return [
    ...(isOpen ? [`${workload}: the dry run of its fix has no answer yet`] : []),
    ...(isPossible ? [`${workload}: what its log says is not confirmed yet`] : []),
  ];
}

function comparePods({ workload, failingPods }: ExpectedDiagnosis, failing: number): Complaints {
  if (failingPods === undefined || failingPods === failing) return [];
  return [`${workload}: expected ${failingPods} failing pods, there are ${failing}`];
}

function compareFinding(
  workload: string,
  expected: ExpectedFinding,
  all: readonly RecordedFinding[],
): Complaints {
  const found = all.filter((one) => isFor(expected, one));
  const [one] = found;
  const name = `${expected.cause} in ${expected.containerType} ${expected.container}`;
  if (one === undefined)
    return [`${workload}: expected ${name}, there is ${all.map(describe).join(', ') || 'none'}`];
  if (found.length > 1) return [`${workload}: expected ${name} once, it is there ${found.length} times`];
  return compareImage(expected, one).map((complaint) => `${workload}: ${name}: ${complaint}`);
}

/** A number that nobody read from the image is a guess, and a guess is an error whatever it says. */
function compareImage({ imageUser, uid }: ExpectedFinding, { image }: RecordedFinding): Complaints {
  return [
    ...(image.resolution === 'NotAttempted' ? [`nobody has looked into the image: ${image.detail}`] : []),
    ...(imageUser === undefined || image.user === imageUser
      ? []
      : [`expected user "${imageUser}", it says "${image.user}"`]),
    ...(uid === undefined || (image.uid ?? null) === uid
      ? []
      : [`expected uid ${uid}, it says ${image.uid}`]),
    ...(image.resolution !== 'Resolved' && image.uid !== undefined
      ? [`uid ${image.uid} although resolution is ${image.resolution}`]
      : []),
  ];
}

function isFor(expected: ExpectedFinding, { cause, container }: RecordedFinding): boolean {
  return (
    cause === expected.cause &&
    container.name === expected.container &&
    container.type === expected.containerType
  );
}

function describe({ cause, container }: RecordedFinding): string {
  return `${cause} in ${container.type} ${container.name}`;
}
