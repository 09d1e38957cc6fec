// Which tool writes a workload from a source of its own, as its marks say: a change of the object would not last.

import type { ManagedBy } from '../../model/fix.ts';
import type { Marks, Workload } from '../../model/snapshot.ts';
import { groupOf, qualifiedKind } from '../../model/workload.ts';
import { present } from '../data/field.ts';
import { printable } from '../data/printable.ts';
import { workloadKind } from './workload-kinds.ts';

/**
 * The tool nearest to the person: a custom resource makes the pods itself, and a sync tool may install a Helm release.
 * Undefined where nothing proves a tool; a label that charts set as well as tools is no proof.
 */
export function managedBy(workload: Workload): ManagedBy | undefined {
  for (const recognize of [customOwner, argoCd, flux, helm, olm]) {
    const found = recognize(workload);
    if (found) return found;
  }
  return undefined;
}

type Recognize = (workload: Workload) => ManagedBy | undefined;

const customOwner: Recognize = ({ ref }) =>
  workloadKind(ref) ? undefined : named('Operator', `${qualifiedKind(ref)}/${ref.name}`, ref.namespace);

const argoCd: Recognize = (workload) => {
  const { annotations, labels, managers } = workload.marks ?? nothing;
  const tracked = trackedBy(workload, annotations['argocd.argoproj.io/tracking-id'] ?? '');
  if (tracked) return tracked;
  const instance = labels['argocd.argoproj.io/instance'];
  if (instance) return application(instance);
  // Charts set this label, too.
  const isArgo = managers.some((manager) => argoManagers.has(manager));
  return isArgo ? application(labels['app.kubernetes.io/instance'] ?? '') : undefined;
};

const argoManagers: ReadonlySet<string> = new Set(['argocd-controller', 'argocd-application-controller']);

/**
 * `APP:GROUP/KIND:NAMESPACE/NAME`. One that names another object was copied from there, as controllers copy
 * annotations to what they make, and proves nothing; Argo CD takes it so as well.
 */
function trackedBy({ ref }: Workload, id: string): ManagedBy | undefined {
  const [app = '', kind, object] = id.split(':', 3);
  const isIt = kind === `${groupOf(ref.apiVersion)}/${ref.kind}` && object === `${ref.namespace}/${ref.name}`;
  return isIt ? application(app) : undefined;
}

/** An application outside of Argo CD's own namespace is called `NAMESPACE_NAME`; neither can hold a `_`. */
function application(text: string): ManagedBy | undefined {
  const at = text.indexOf('_');
  return at < 0 ? named('ArgoCD', text) : named('ArgoCD', text.slice(at + 1), text.slice(0, at));
}

const flux: Recognize = ({ marks }) => {
  const { labels } = marks ?? nothing;
  for (const part of ['kustomize', 'helm']) {
    const name = labels[`${part}.toolkit.fluxcd.io/name`];
    const namespace = labels[`${part}.toolkit.fluxcd.io/namespace`];
    if (name && namespace) return named('Flux', name, namespace);
  }
  return undefined;
};

/** The label alone is what people copy from a rendered chart. */
const helm: Recognize = ({ marks }) => {
  const { annotations, labels, managers } = marks ?? nothing;
  const isHelm = labels['app.kubernetes.io/managed-by'] === 'Helm' || managers.includes('helm');
  const release = annotations['meta.helm.sh/release-name'];
  return isHelm && release
    ? named('Helm', release, annotations['meta.helm.sh/release-namespace'])
    : undefined;
};

/** The Operator Lifecycle Manager writes the Deployments of the operators that it installs. */
const olm: Recognize = ({ marks, ref }) => {
  const { labels } = marks ?? nothing;
  const [name, kind] = [labels['olm.owner'], labels['olm.owner.kind']];
  return name && kind
    ? named('Operator', `${kind}/${name}`, labels['olm.owner.namespace'] ?? ref.namespace)
    : undefined;
};

/** Longer than the kind, group and name of any object. */
const maxNameLength = 600;

const nothing: Marks = { labels: {}, annotations: {}, managers: [] };

/** Annotations are free text, so a name is made fit to be shown; undefined for none. */
function named(tool: ManagedBy['tool'], name: string, namespace?: string): ManagedBy | undefined {
  if (name === '') return undefined;
  return present({
    tool,
    name: printable(name, maxNameLength),
    namespace: namespace ? printable(namespace, 63) : undefined,
  });
}
