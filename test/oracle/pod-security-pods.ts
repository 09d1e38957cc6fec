// All pods that are asked about: every setting alone at every place where it can stand, and hundreds that mix them.

import { seeded } from '../e2e/seeded.ts';
import {
  appArmorAnnotations,
  appArmorOfContainer,
  containerContextForms,
  contextForms,
  portForms,
  probeForms,
  seccompAnnotations,
  seccompOfContainer,
  seccompOfPod,
  specForms,
  sysctlNames,
  volumeForms,
} from './pod-security-forms.ts';
import type { Fields, Forms } from './pod-security-forms.ts';
import { container, merged, sidecar, withAnnotations, withContainers, withSpec } from './pod-security-pod.ts';
import type { NamedPod, Pod } from './pod-security-pod.ts';
import { valid } from './pod-security-valid.ts';

const mixedCount = 350;
const seed = 1;

export function allPods(): readonly NamedPod[] {
  const named = [...alone(), ...mixed()].map(({ name, pod }) => ({ name, pod: asSent(valid(pod)) }));
  return [...new Map(named.toReversed().map((one) => [JSON.stringify(one.pod), one])).values()].toReversed();
}

/** Some of each kind are among them. */
export const sampleOf = (pods: readonly NamedPod[]): readonly NamedPod[] =>
  pods.filter((_, at) => at % 11 === 0);

/** What JSON leaves out is not in the pod. */
const asSent = (pod: Pod): Pod => JSON.parse(JSON.stringify(pod)) as Pod;

const ofPod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const ofContainer = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** Names are not in alphabetical order: some lists are sorted, and most are not. */
function podOf(context: Fields, containerContext: Fields | undefined): Pod {
  return {
    metadata: { name: 'p' },
    spec: {
      securityContext: context,
      initContainers: [container('setup', containerContext), sidecar('proxy', containerContext)],
      containers: [container('web', containerContext), container('app', containerContext)],
    },
  };
}

/** Nothing is refused of the good ones. */
export const bases = {
  good: podOf(ofPod, ofContainer),
  'good by container': podOf({}, { ...ofPod, ...ofContainer }),
  bare: podOf({}, undefined),
} as const;

const onlyApp = (pod: Pod): Pod => ({
  ...pod,
  spec: { ...pod.spec, initContainers: [], containers: pod.spec.containers.slice(1) },
});

type Change = (pod: Pod) => Pod;

const places: Readonly<Record<string, readonly string[]>> = {
  'init container': ['setup'],
  sidecar: ['proxy'],
  'second container': ['app'],
  'every container': ['setup', 'proxy', 'web', 'app'],
};

const probed: readonly string[] = ['sidecar', 'second container', 'every container'];

function alone(): readonly NamedPod[] {
  return [
    ...Object.entries(bases).map(([name, pod]) => ({ name, pod })),
    ...Object.entries(bases).map(([name, pod]) => ({ name: `only one, ${name}`, pod: onlyApp(pod) })),
    ...Object.entries(contextForms).map(([form, fields]) => onGood(`${form} at the pod`, inPod(fields))),
    ...atPlaces(contextForms, Object.keys(places), (fields) => () => ({ securityContext: fields })),
    ...atPlaces(containerContextForms, Object.keys(places), (fields) => () => ({ securityContext: fields })),
    ...atPlaces(probeForms, probed, (fields) => () => fields),
    ...atPlaces(portForms, Object.keys(places), (ports) => ports),
    ...missing(),
    ...ofSpec(),
    ...volumes(),
    ...sysctls(),
    ...annotated(),
    ...users(),
    ...ephemeral(),
  ];
}

const onGood = (name: string, change: Change): NamedPod => ({ name, pod: change(bases.good) });

const inPod =
  (fields: Fields): Change =>
  (pod) =>
    withSpec(pod, { securityContext: fields });

const inContainers =
  (names: readonly string[], fields: (at: number) => Fields): Change =>
  (pod) =>
    withContainers(pod, (one, at) => (names.includes(one.name) ? merged(one, fields(at)) : one));

function atPlaces<T>(
  forms: Readonly<Record<string, T>>,
  where: readonly string[],
  fieldsOf: (form: T) => (at: number) => Fields,
): readonly NamedPod[] {
  return Object.entries(forms).flatMap(([form, fields]) =>
    where.map((place) => onGood(`${form} at ${place}`, inContainers(places[place] ?? [], fieldsOf(fields)))),
  );
}

/** One thing is not there, where every container says everything for itself. */
function missing(): readonly NamedPod[] {
  const forms: Forms = Object.fromEntries([
    ...Object.keys({ ...ofPod, ...ofContainer }).map((field) => [field, { [field]: undefined }] as const),
    ['securityContext', {}],
  ]);
  return Object.entries(forms).flatMap(([field, fields]) =>
    Object.entries(places).map(([place, names]) => ({
      name: `by container, without ${field} at ${place}`,
      pod: withContainers(bases['good by container'], (one) => {
        if (!names.includes(one.name)) return one;
        return field === 'securityContext' ? container(one.name) : merged(one, { securityContext: fields });
      }),
    })),
  );
}

function ofSpec(): readonly NamedPod[] {
  return Object.entries(specForms).flatMap(([form, fields]) =>
    Object.entries(bases).flatMap(([base, pod]) => [
      { name: `${form}, ${base}`, pod: withSpec(pod, fields) },
      {
        name: `${form} and ports, ${base}`,
        pod: inContainers(
          ['proxy', 'web', 'app'],
          portForms['a port'] ?? (() => ({})),
        )(withSpec(pod, fields)),
      },
      {
        name: `${form} and host process, ${base}`,
        pod: withSpec(withSpec(pod, fields), { securityContext: contextForms['host process'] }),
      },
    ]),
  );
}

const volumesOf =
  (types: readonly string[]): Change =>
  (pod) =>
    withSpec(pod, {
      volumes: types.map((type, at) => ({ name: `v${at}-${type.toLowerCase()}`, [type]: volumeForms[type] })),
    });

function volumes(): readonly NamedPod[] {
  const types = Object.keys(volumeForms);
  const untyped = withSpec(bases.good, { volumes: [{ name: 'any' }, { name: 'none', emptyDir: null }] });
  return [
    { name: 'volumes that do not say what they are', pod: untyped },
    ...types.map((type) => onGood(`a volume: ${type}`, volumesOf([type]))),
    ...types.map((type, at) => onGood(`three volumes: ${type}`, volumesOf(three(types, at)))),
    onGood('volumes of all types', volumesOf(types)),
  ];
}

/** That one, the one before it and it again. */
function three(types: readonly string[], at: number): readonly string[] {
  const type = types[at] ?? '';
  return [type, types.at(at - 1) ?? type, type];
}

function sysctls(): readonly NamedPod[] {
  const set = (names: readonly string[]) => inPod({ sysctls: names.map((name) => ({ name, value: '1' })) });
  return [
    ...sysctlNames.map((name) => onGood(`a sysctl: ${name}`, set([name]))),
    onGood('all sysctls', set(sysctlNames)),
    onGood('all sysctls from the last', set(sysctlNames.toReversed())),
  ];
}

function annotated(): readonly NamedPod[] {
  const appArmor = (pod: Pod, names: readonly string[], value: string) =>
    withAnnotations(pod, Object.fromEntries(names.map((name) => [`${appArmorOfContainer}${name}`, value])));
  const unconfined = withSpec(bases.bare, { securityContext: contextForms['AppArmor Unconfined'] });
  return Object.entries({ ...bases, 'the pod unconfined': unconfined }).flatMap(([base, pod]) => [
    ...appArmorAnnotations.flatMap((value) => [
      { name: `AppArmor annotation "${value}", ${base}`, pod: appArmor(pod, ['web'], value) },
      {
        name: `AppArmor annotations "${value}", ${base}`,
        pod: appArmor(pod, ['web', 'app', 'setup'], value),
      },
      {
        name: `AppArmor annotation "${value}" on Windows, ${base}`,
        pod: appArmor(withSpec(pod, { os: { name: 'windows' } }), ['web'], value),
      },
    ]),
    ...seccompAnnotations.map((value) => ({
      name: `seccomp annotation "${value}" of the pod, ${base}`,
      pod: withAnnotations(pod, { [seccompOfPod]: value }),
    })),
    ...seccompAnnotations.map((value) => ({
      name: `seccomp annotations "${value}", ${base}`,
      pod: withAnnotations(pod, {
        [seccompOfPod]: value,
        [`${seccompOfContainer}web`]: 'unconfined',
        [`${seccompOfContainer}proxy`]: value,
        [`${seccompOfContainer}nobody`]: 'unconfined',
      }),
    })),
  ]);
}

/** What a user namespace excuses, and what it does not. */
function users(): readonly NamedPod[] {
  const forms = { ...contextForms, ...containerContextForms };
  return [
    'uid 0',
    'runAsNonRoot false',
    'no runAsNonRoot',
    'procMount Unmasked',
    'privileged',
    'no seccomp',
  ].map((form) => ({
    name: `${form} in a user namespace`,
    pod: inContainers(['setup', 'app'], () => ({ securityContext: forms[form] }))(
      withSpec(bases['good by container'], { hostUsers: false }),
    ),
  }));
}

/** Such containers are added to a good pod that is there. */
function ephemeral(): readonly NamedPod[] {
  const added = (contexts: readonly (Fields | undefined)[]) =>
    withSpec(bases.good, {
      ephemeralContainers: contexts.map((context, at) => container(`debugger-${9 - at}`, context)),
    });
  const forms = Object.entries({ ...contextForms, ...containerContextForms }).filter(
    ([, { procMount, windowsOptions }]) => procMount !== 'Unmasked' && windowsOptions === undefined,
  );
  return [
    { name: 'an ephemeral container', pod: added([undefined]) },
    { name: 'ephemeral containers', pod: added([undefined, ofContainer, undefined]) },
    ...forms.map(([form, fields]) => ({
      name: `${form} at an ephemeral container`,
      pod: added([merged(ofContainer, fields)]),
    })),
  ];
}

/** The same for ever: its chance comes from a seed. */
function mixed(): readonly NamedPod[] {
  const chance = seeded(seed);
  return Array.from({ length: mixedCount }, (_, at) => ({ name: `mixed ${at}`, pod: mix(chance) }));
}

function mix(chance: () => number): Pod {
  const upTo = (count: number): number => Math.floor(chance() * count);
  const one = <T>(values: readonly T[]): T => values[upTo(values.length)] as T;
  const some = (): readonly string[] => names.filter(() => chance() < 0.4);
  const names = ['setup', 'proxy', 'web', 'app'];
  const changes: readonly (() => Change)[] = [
    () => inPod(one(Object.values(contextForms))),
    () => within(some(), one(Object.values(contextForms))),
    () => within(some(), one(Object.values(contextForms))),
    () => within(some(), one(Object.values(containerContextForms))),
    () => within(some(), one(Object.values(containerContextForms))),
    () => within(some(), one(Object.values(containerContextForms))),
    () => replacing(some(), one(Object.values(probeForms))),
    () => inContainers(some(), one(Object.values(portForms))),
    () => (pod) => withSpec(pod, one(Object.values(specForms))),
    () => volumesOf(Array.from({ length: 1 + upTo(4) }, () => one(Object.keys(volumeForms)))),
    () => inPod({ sysctls: sysctlNames.filter(() => chance() < 0.2).map((name) => ({ name, value: '1' })) }),
    () => (pod) =>
      withAnnotations(pod, { [`${appArmorOfContainer}${one(names)}`]: one(appArmorAnnotations) }),
    () => (pod) => withAnnotations(pod, { [`${seccompOfContainer}${one(names)}`]: one(seccompAnnotations) }),
    () => (pod) => withAnnotations(pod, { [seccompOfPod]: one(seccompAnnotations) }),
  ];
  const base = one(Object.values(bases));
  const start = chance() < 0.2 ? onlyApp(base) : base;
  return Array.from({ length: 1 + upTo(8) }, () => one(changes)()).reduce(
    (pod, change) => change(pod),
    start,
  );
}

/** A probe calls in one way only. */
const replacing =
  (names: readonly string[], fields: Fields): Change =>
  (pod) =>
    withContainers(pod, (one) => (names.includes(one.name) ? { ...one, ...fields } : one));

const within = (names: readonly string[], fields: Fields): Change =>
  inContainers(names, () => ({ securityContext: fields }));
