// A pod of a story as the API server would hold it: spec, status, managedFields, owners and Events.

import type { About, Says } from './kubelet-says.ts';
import { asList, asText, at, type Fields, type KubeObject } from './object.ts';
import { managedBy, storyTime, uidOf, type OwnerStory } from './story-owners.ts';

export type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';
type ContainerFacts = { readonly list: ContainerList; readonly spec: Fields };

/** What a container is doing: what the kubelet says while it waits, or its state. */
export type State = {
  readonly says?: Says;
  readonly state: Fields;
  readonly lastState: Fields;
  readonly restarts: number;
};

export type PodFacts = {
  readonly name: string;
  readonly namespace: string;
  readonly owner: OwnerStory | undefined;
  readonly node: string;
  readonly labels: Fields;
  readonly created: string;
  readonly deleting: boolean;
  readonly security: Fields;
  /** Set on the pod and not in its template. */
  readonly admitted: Fields;
  readonly containers: readonly ContainerFacts[];
  readonly states: Readonly<Record<string, State>>;
  readonly events: readonly FailedEvent[];
};

export type FailedEvent = {
  readonly container: string;
  readonly says: Says;
  readonly count: number;
  readonly time: string;
};
export type ContainerParts = { readonly image?: string; readonly securityContext?: Fields };

export function containerSpec(
  name: string,
  { image, securityContext }: ContainerParts,
  extra: Fields,
): Fields {
  const security = securityContext ? { securityContext } : {};
  const rest = {
    imagePullPolicy: 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
  };
  return { name, image: image ?? `registry.example/${name}:1`, ...rest, ...security, ...extra };
}

function aboutOf({ name, namespace }: PodFacts, container: string): About {
  return { pod: name, namespace, uid: uidOf('Pod', namespace, name), container };
}

export function ownersOf(facts: PodFacts): readonly KubeObject[] {
  const { owner, namespace, labels, security } = facts;
  const spec = { ...containersOf(facts), securityContext: security };
  return owner?.objects(namespace, { metadata: { labels }, spec }, isReady(statusOf(facts))) ?? [];
}

/** The two lists that a template can have. */
function containersOf(facts: Pick<PodFacts, 'containers'>): Fields {
  const init = specsIn(facts, 'initContainers');
  return { containers: specsIn(facts, 'containers'), ...(init.length > 0 && { initContainers: init }) };
}

function specsIn({ containers }: Pick<PodFacts, 'containers'>, list: ContainerList): readonly Fields[] {
  const found = containers.filter((container) => container.list === list).map(({ spec }) => spec);
  const isBare = list === 'containers' && !containers.some((container) => container.list === 'containers');
  return isBare ? [containerSpec('app', {}, {})] : found;
}

export function podOf(facts: PodFacts): KubeObject {
  const { name, namespace, owner, labels, created, deleting, security, admitted, node } = facts;
  const declared = { ...containersOf(facts), securityContext: security };
  const ephemeral = specsIn(facts, 'ephemeralContainers');
  const status = statusOf(facts);
  const manager = owner ? 'kube-controller-manager' : 'kubectl-client-side-apply';
  const managedFields = [
    managedBy(manager, 'v1', { spec: declared }),
    managedBy('kubelet', 'v1', { status }, 'status'),
  ];
  const ownerReferences = owner ? { ownerReferences: [owner.reference(namespace)] } : {};
  const times = { creationTimestamp: created, ...(deleting && { deletionTimestamp: created }) };
  const identity = { name, namespace, uid: uidOf('Pod', namespace, name), labels, generation: 1 };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...identity, ...times, ...ownerReferences, managedFields },
    spec: {
      ...declared,
      ...(ephemeral.length > 0 && { ephemeralContainers: ephemeral }),
      securityContext: { ...security, ...admitted },
      nodeName: node,
      restartPolicy: 'Always',
      serviceAccountName: 'default',
    },
    status,
  };
}

function statusOf(facts: PodFacts): Fields {
  const lists = (['initContainers', 'containers', 'ephemeralContainers'] as const).map(
    (list): [string, readonly Fields[]] => [
      list.replace(/s$/, 'Statuses'),
      specsIn(facts, list).map((spec) => containerStatus(facts, asText(spec['name']), asText(spec['image']))),
    ],
  );
  const filled = lists.filter(([, statuses]) => statuses.length > 0);
  refuseStrangers(
    facts,
    filled.flatMap(([, statuses]) => statuses),
  );
  // A container that waits and never ran keeps the pod Pending, whatever its siblings do; ephemeral ones do not.
  const decisive = filled
    .filter(([name]) => !name.startsWith('ephemeral'))
    .flatMap(([, statuses]) => statuses);
  const isPending = decisive.some(
    (status) => at(status, 'state', 'waiting') && !at(status, 'lastState', 'terminated'),
  );
  const isRunning = decisive.every((status) => status['ready'] === true);
  return {
    phase: isPending ? 'Pending' : 'Running',
    startTime: facts.created,
    conditions: [{ type: 'Ready', status: isRunning ? 'True' : 'False' }],
    ...Object.fromEntries(filled),
  };
}

const isReady = ({ conditions }: Fields): boolean => at(asList(conditions)[0], 'status') === 'True';

/** A story about a container that its pod does not have is a mistake of its author. */
function refuseStrangers({ name, states }: PodFacts, statuses: readonly Fields[]): void {
  const known = new Set(statuses.map((status) => status['name']));
  const stranger = Object.keys(states).find((container) => !known.has(container));
  if (stranger !== undefined) throw new Error(`The story of pod ${name} has no container ${stranger}.`);
}

function containerStatus(facts: PodFacts, name: string, image: string): Fields {
  const { says, state, lastState, restarts } = facts.states[name] ?? untold(facts);
  const now: Fields = says ? { waiting: says(aboutOf(facts, name)) } : state;
  const isRunning = now['running'] !== undefined;
  const imageID = isRunning || restarts > 0 ? `${image}@sha256:${'0'.repeat(64)}` : '';
  return {
    name,
    image,
    imageID,
    ready: isRunning,
    started: isRunning,
    restartCount: restarts,
    state: now,
    lastState,
  };
}

/** A container that the story does not mention waits for its turn. */
function untold({ containers }: PodFacts): State {
  const reason = containers.some(({ list }) => list === 'initContainers')
    ? 'PodInitializing'
    : 'ContainerCreating';
  return { state: { waiting: { reason } }, lastState: {}, restarts: 0 };
}

export function eventOf(facts: PodFacts, { container, says, count, time }: FailedEvent): KubeObject {
  const { name, namespace, node } = facts;
  const about = aboutOf(facts, container);
  const list = facts.containers.find(({ spec }) => spec['name'] === container)?.list ?? 'containers';
  const message = `Error: ${says(about).message}`;
  const involved = { apiVersion: 'v1', kind: 'Pod', name, namespace, uid: about.uid };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${uidOf('Event', container, message).slice(0, 8)}`, namespace },
    involvedObject: { ...involved, fieldPath: `spec.${list}{${container}}` },
    type: 'Warning',
    reason: 'Failed',
    message,
    count,
    firstTimestamp: storyTime,
    lastTimestamp: time,
    eventTime: null,
    source: { component: 'kubelet', host: node },
    reportingComponent: 'kubelet',
    reportingInstance: node,
  };
}
