// A manifest beside a text: the workload, or a part of a pod, that the failures in the text may be about.

import type { Manifests } from '../../model/manifests.ts';
import type { Container, Pod, Template } from '../../model/pod.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import type { Workload } from '../../model/snapshot.ts';
import { isObject, listAt, objectAt, present } from '../../platform/data/field.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { projectDeclaration } from '../../project/project-declaration.ts';

export type Place = {
  readonly template: Template;
  /** Absent for a piece of a manifest that does not say what it is. */
  readonly workload?: Workload;
  readonly pods: readonly Pod[];
  /** Absent where the manifest does not say it. */
  readonly namespace?: string;
  readonly injectionMarks: readonly string[];
};

export function placeOf({ snapshot, isNamespaceKnown, injectionMarks }: Manifests): Place | undefined {
  const { workload, pods } = snapshot;
  if (!workload?.template) return undefined;
  const template = withClaims(workload.template);
  return {
    template,
    workload: { ...workload, template },
    pods,
    injectionMarks,
    ...(isNamespaceKnown && { namespace: workload.ref.namespace }),
  };
}

/** A StatefulSet claims volumes that its template does not list. */
function withClaims(template: Template): Template {
  const { manifest } = template;
  const { volumes = [] } = manifest.spec;
  const known = new Set(volumes.map(({ name }) => name));
  const mounted = containersOf(manifest).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }) => name),
  );
  const claims = [...new Set(mounted)]
    .filter((name) => !known.has(name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  if (claims.length === 0) return template;
  return {
    ...template,
    manifest: { ...manifest, spec: { ...manifest.spec, volumes: [...volumes, ...claims] } },
  };
}

/** Where a piece of a manifest may hold a pod's spec. */
const specPaths = [['spec', 'template', 'spec'], ['template', 'spec'], ['spec'], ['podSpec'], []] as const;

/** Of a piece of a manifest without a kind; undefined where it holds no containers. */
export function placeOfPiece(object: unknown): Place | undefined {
  const path = specPaths.find((candidate) => listAt(object, ...candidate, 'containers').some(isObject));
  if (!path) return undefined;
  const spec = objectAt(object, ...path);
  if (Object.keys(objectAt(object, 'status')).length > 0) return undefined;
  const declared = projectDeclaration({ spec }, [], []);
  return { template: { path: path.join('.') || 'spec', ...declared }, pods: [], injectionMarks: [] };
}

/** Whether it has all that its containers are: a piece may be laid over what an operator makes. */
export const isComplete = ({ workload, template }: Place): boolean =>
  workload !== undefined || containersOf(template.manifest).every(({ image }) => image.trim() !== '');

export type PlacedContainer = {
  readonly place: Place;
  readonly container: Container;
  /** The pod that fails, as far as it is known: else the one that the template would make. */
  readonly pod: Pod;
};

/** The place that a failure is about, and the container there; undefined where nothing or too much fits. */
export function placedIn(failure: ReportedFailure, places: readonly Place[]): PlacedContainer | undefined {
  const named = places.filter((place) => isNamed(place, failure));
  const candidates = named.length > 0 ? named : isNameless(failure, places) ? places : [];
  const withContainer = candidates.flatMap((place) => {
    const container = containerIn(place, failure);
    return container ? [{ place, container, pod: podOf(place, failure, container) }] : [];
  });
  return withContainer.length === 1 ? withContainer[0] : undefined;
}

/** A text about one thing need not say of what it speaks. */
const isNameless = ({ pod, workload, container }: ReportedFailure, places: readonly Place[]): boolean =>
  workload === undefined &&
  (pod.name === undefined ||
    (places.length === 1 &&
      places.some((place) => !place.workload || hasContainer(place.template, container.name))));

const hasContainer = ({ manifest }: Template, name: string | undefined): boolean =>
  containersOf(manifest).some((container) => container.name === name);

/** Whether the failure's pod or workload has the name of this one. */
function isNamed({ workload, pods, namespace }: Place, failure: ReportedFailure): boolean {
  if (!workload) return false;
  const { kind, name } = workload.ref;
  const { pod } = failure;
  if (namespace !== undefined && pod.namespace !== undefined && pod.namespace !== namespace) return false;
  if (failure.workload) {
    const isOwn = failure.workload.kind === kind && failure.workload.name === name;
    return isOwn || (failure.workload.name.startsWith(`${name}-`) && kind !== failure.workload.kind);
  }
  if (pod.name === undefined) return false;
  if (pods.some((one) => one.name === pod.name)) return true;
  return kind === 'Pod' ? pod.name === name : isMadeBy(pod.name, name);
}

/** `web-6c7d7b8fcb-9xzq2`, `web-1-9xzq2`, `web-0`, `web-x7xk2`, `nightly-28654321-x7xk2`; a refused pod's name may end with its hyphen. */
function isMadeBy(pod: string, workload: string): boolean {
  return (
    pod.startsWith(`${workload}-`) &&
    /^(?:(?:[a-z0-9]{5,10}|\d{1,5})-)?(?:[a-z0-9]{5}|\d{1,5}|)$/.test(pod.slice(workload.length + 1))
  );
}

/** The named one, also where an injector has added it; else the only one that the cause can be about. */
function containerIn(
  { template, pods }: Place,
  { cause, container }: ReportedFailure,
): Container | undefined {
  const all = containersOf(template.manifest);
  const { name, type = 'Container' } = container;
  if (name !== undefined) {
    const inPod = pods.flatMap(({ manifest }) => containersOf(manifest));
    return [...all, ...inPod].find((one) => one.name === name) ?? { name, type, image: '' };
  }
  if (cause === 'PodSecurityViolation') return all[0];
  const may = all.filter((one) => {
    const { runAsNonRoot, runAsUser } = effective(template.manifest, one);
    if (cause === 'RunAsUserIsRoot') return runAsUser === 0;
    return isOfImage.has(cause) ? runAsNonRoot === true && runAsUser === undefined : true;
  });
  const list = may.length > 0 ? may : all;
  return list.length === 1 ? list[0] : undefined;
}

const isOfImage: ReadonlySet<string> = new Set(['ImageRunsAsRoot', 'NonNumericUser', 'InvalidImageUID']);

function podOf(
  { template, pods, workload, injectionMarks }: Place,
  { pod }: ReportedFailure,
  container: Container,
): Pod {
  const own =
    pods.find(({ name }) => name === pod.name) ?? (pod.name === undefined ? pods.at(-1) : undefined);
  if (own) return own;
  const { manifest } = template;
  const { type: _type, image: _image, ...spec } = container;
  const isAdded = !hasContainer(template, container.name);
  const { spec: declared } = manifest;
  return present({
    ...template,
    manifest: isAdded
      ? { ...manifest, spec: { ...declared, containers: [...declared.containers, spec] } }
      : manifest,
    name: pod.name ?? workload?.ref.name ?? '',
    namespace: pod.namespace ?? workload?.ref.namespace ?? '',
    uid: '',
    createdTime: '',
    injectionMarks,
  });
}
