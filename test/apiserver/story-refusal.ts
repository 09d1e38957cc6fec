// Owners that may not create their pods, as sentences: `refused(statefulSet('db')).in('shop')`.

import { asFields, asList, asText, type Fields, type KubeObject } from './object.ts';
import { pod, type PodStory } from './story.ts';
import { storyTime, uidOf, type OwnerStory } from './story-owners.ts';

type RefusalFacts = {
  readonly owner: OwnerStory;
  readonly namespace: string;
  readonly why: string;
  readonly time: string;
  readonly template: PodStory;
  readonly hasEvents: boolean;
};

export type RefusalStory = {
  readonly in: (namespace: string) => RefusalStory;
  /** In the API server's words, behind `pods "x" is `; what Pod Security at restricted says of a bare container unless said. */
  readonly because: (why: string) => RefusalStory;
  /** When the controller last tried, RFC 3339. */
  readonly last: (time: string) => RefusalStory;
  /** What its pods would be: their containers and settings. */
  readonly template: (pod: PodStory) => RefusalStory;
  /** Its Events have expired. */
  readonly withoutEvents: () => RefusalStory;
  /** Everything in the story, owners first, the topmost before all others, and Events last. */
  readonly objects: () => readonly KubeObject[];
};

/** What Pod Security says at `restricted` of a pod with one container that sets nothing. */
export const violatesRestricted =
  'forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set ' +
  'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "app" must set ' +
  'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set ' +
  'securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set ' +
  'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

/** The owner whose pods are refused: the ReplicaSet, not its Deployment; the Job, not its CronJob. */
export function refused(owner: OwnerStory): RefusalStory {
  const template = pod('template').securityContext({});
  const facts = { namespace: 'default', why: violatesRestricted, time: storyTime };
  return storyOf({ owner, ...facts, template, hasEvents: true });
}

/** The Event by which a controller tells of a pod that it has created. */
export function createdEvent(owner: OwnerStory, namespace: string, time: string): KubeObject {
  const about = owner.reference(namespace);
  return eventOf(about, namespace, 'SuccessfulCreate', `Created pod: ${asText(about['name'])}-x`, time);
}

function storyOf(facts: RefusalFacts): RefusalStory {
  const but = (change: Partial<RefusalFacts>): RefusalStory => storyOf({ ...facts, ...change });
  return {
    in: (namespace) => but({ namespace }),
    because: (why) => but({ why }),
    last: (time) => but({ time }),
    template: (template) => but({ template }),
    withoutEvents: () => but({ hasEvents: false }),
    objects: () => [...ownersOf(facts), ...eventsOf(facts)],
  };
}

function ownersOf({ owner, namespace, template, why }: RefusalFacts): readonly KubeObject[] {
  const objects = template.in(namespace).of(owner).objects();
  const owners = objects.filter(({ kind }) => kind !== 'Pod' && kind !== 'Event');
  const { kind, name } = owner.reference(namespace);
  const isRefused = (object: KubeObject): boolean => object.kind === kind && object.metadata.name === name;
  const hasCopied = (object: KubeObject): boolean => object.kind === 'Deployment' && kind === 'ReplicaSet';
  return owners.map((object) =>
    (isRefused(object) && kindsWithCondition.has(object.kind)) || hasCopied(object)
      ? withCondition(object, messageOf(asText(kind), asText(name), why))
      : object,
  );
}

const kindsWithCondition = new Set(['ReplicaSet', 'ReplicationController']);

function withCondition(object: KubeObject, message: string): KubeObject {
  const status = asFields(object['status']);
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: storyTime,
    reason: 'FailedCreate',
    message,
  };
  return { ...object, status: { ...status, conditions: [...asList(status['conditions']), condition] } };
}

/** A StatefulSet's pod has the same name at every attempt; the names of others are drawn. */
function messageOf(kind: string, name: string, why: string): string {
  return `pods "${name}-${kind === 'StatefulSet' ? '0' : 'x7k2p'}" is ${why}`;
}

function eventsOf({ owner, namespace, why, time, hasEvents }: RefusalFacts): readonly KubeObject[] {
  if (!hasEvents) return [];
  const about = owner.reference(namespace);
  const [kind, name] = [asText(about['kind']), asText(about['name'])];
  const frame =
    kind === 'StatefulSet'
      ? `Create Pod ${name}-0 in StatefulSet ${name} failed error: `
      : 'Error creating: ';
  const message = `${frame}${messageOf(kind, name, why)}`;
  return [eventOf(about, namespace, 'FailedCreate', message, time)];
}

function eventOf(
  about: Fields,
  namespace: string,
  reason: string,
  message: string,
  time: string,
): KubeObject {
  const { apiVersion, kind, name, uid } = about;
  const component = kind === 'ReplicationController' ? 'replication-controller' : controllerOf(asText(kind));
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${asText(name)}.${uidOf('Event', reason, message).slice(0, 8)}`,
      namespace,
      creationTimestamp: storyTime,
    },
    involvedObject: {
      apiVersion: asText(apiVersion),
      kind: asText(kind),
      name: asText(name),
      namespace,
      uid: asText(uid),
    },
    type: reason === 'FailedCreate' ? 'Warning' : 'Normal',
    reason,
    message,
    count: 1,
    firstTimestamp: storyTime,
    lastTimestamp: time,
    eventTime: null,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  };
}

const controllerOf = (kind: string): string => `${kind.toLowerCase()}-controller`;
