// Reads a pod or a pod template down to the fields that decide. What is not of the expected type counts as absent.

import type { ContainerType, DeclaredContainer, DeclaredPod } from '../../model/pod.ts';
import type {
  ContainerSecurityContext,
  ContainerSpec,
  HostHandler,
  PodManifest,
  PodSecurityContext,
  PodSpec,
  Volume,
} from '../../model/pod-manifest.ts';
import { booleanAt, isObject, listAt, numberAt, objectAt, present, textAt } from '../data/field.ts';

/** More of anything than a pod can reasonably have. */
const maxItems = 512;
const maxTextLength = 1024;

/**
 * @param object a Pod or a PodTemplateSpec: `metadata` and `spec`
 */
export function podManifestOf(object: unknown): PodManifest {
  const annotations = Object.entries(objectAt(object, 'metadata', 'annotations')).flatMap(([key, value]) =>
    typeof value === 'string' && isDeciding(key) ? [[key, bounded(value)] as const] : [],
  );
  return present({
    annotations: annotations.length > 0 ? Object.fromEntries(annotations) : undefined,
    spec: podSpecOf(objectAt(object, 'spec')),
  });
}

const decidingAnnotations = /^(?:(?:container\.)?(?:seccomp|apparmor)\.security\.|openshift\.io\/scc$)/;

const isDeciding = (key: string): boolean => decidingAnnotations.test(key);

function podSpecOf(spec: unknown): PodSpec {
  const osName = text(spec, 'os', 'name');
  return present({
    hostNetwork: booleanAt(spec, 'hostNetwork'),
    hostPID: booleanAt(spec, 'hostPID'),
    hostIPC: booleanAt(spec, 'hostIPC'),
    hostUsers: booleanAt(spec, 'hostUsers'),
    os: osName === undefined ? undefined : { name: osName },
    securityContext: contextOf(objectAt(spec, 'securityContext'), podContextOf),
    initContainers: unlessNone(containersIn(spec, 'initContainers')),
    containers: containersIn(spec, 'containers'),
    ephemeralContainers: unlessNone(containersIn(spec, 'ephemeralContainers')),
    volumes: unlessNone(items(spec, 'volumes').flatMap(volumeOf)),
  });
}

function containersIn(spec: unknown, list: string): readonly ContainerSpec[] {
  return items(spec, list)
    .filter((container) => text(container, 'name') !== undefined)
    .map(containerOf);
}

function containerOf(container: unknown): ContainerSpec {
  return present({
    name: text(container, 'name') ?? '',
    image: text(container, 'image'),
    restartPolicy: text(container, 'restartPolicy'),
    securityContext: contextOf(objectAt(container, 'securityContext'), containerContextOf),
    env: items(container, 'env').length > 0 ? ([] as const) : undefined,
    ports: unlessNone(
      items(container, 'ports').map((port) =>
        present({ containerPort: numberAt(port, 'containerPort'), hostPort: numberAt(port, 'hostPort') }),
      ),
    ),
    volumeMounts: unlessNone(
      items(container, 'volumeMounts').map((mount) =>
        present({
          name: text(mount, 'name') ?? '',
          mountPath: text(mount, 'mountPath') ?? '',
          readOnly: booleanAt(mount, 'readOnly'),
        }),
      ),
    ),
    livenessProbe: handlerOf(objectAt(container, 'livenessProbe')),
    readinessProbe: handlerOf(objectAt(container, 'readinessProbe')),
    startupProbe: handlerOf(objectAt(container, 'startupProbe')),
    lifecycle: unlessEmpty(
      present({
        postStart: handlerOf(objectAt(container, 'lifecycle', 'postStart')),
        preStop: handlerOf(objectAt(container, 'lifecycle', 'preStop')),
      }),
    ),
  });
}

/** Only where it names a host; every other probe decides nothing. */
function handlerOf(handler: unknown): HostHandler | undefined {
  const http = text(handler, 'httpGet', 'host');
  const tcp = text(handler, 'tcpSocket', 'host');
  return unlessEmpty(
    present({
      httpGet: http === undefined ? undefined : { host: http },
      tcpSocket: tcp === undefined ? undefined : { host: tcp },
    }),
  );
}

/** Empty where it holds only what decides nothing: a patch must not take its place. */
function contextOf<T extends object>(
  context: Readonly<Record<string, unknown>>,
  read: (context: unknown) => T,
): T | undefined {
  const isSet = Object.entries(context).some(([name, value]) => !name.startsWith('$') && value !== null);
  return isSet ? read(context) : undefined;
}

function sharedContextOf(context: unknown) {
  return {
    runAsNonRoot: booleanAt(context, 'runAsNonRoot'),
    runAsUser: numberAt(context, 'runAsUser'),
    runAsGroup: numberAt(context, 'runAsGroup'),
    seccompProfile: profileOf(objectAt(context, 'seccompProfile')),
    appArmorProfile: profileOf(objectAt(context, 'appArmorProfile')),
    seLinuxOptions: unlessEmpty(
      present({
        type: text(context, 'seLinuxOptions', 'type'),
        user: text(context, 'seLinuxOptions', 'user'),
        role: text(context, 'seLinuxOptions', 'role'),
        level: text(context, 'seLinuxOptions', 'level'),
      }),
    ),
    windowsOptions: contextOf(objectAt(context, 'windowsOptions'), (options) =>
      present({
        hostProcess: booleanAt(options, 'hostProcess'),
        runAsUserName: text(options, 'runAsUserName'),
      }),
    ),
  };
}

function profileOf(
  profile: unknown,
): { readonly type: string; readonly localhostProfile?: string } | undefined {
  const type = text(profile, 'type');
  return type === undefined
    ? undefined
    : present({ type, localhostProfile: text(profile, 'localhostProfile') });
}

function podContextOf(context: unknown): PodSecurityContext {
  return present({
    ...sharedContextOf(context),
    fsGroup: numberAt(context, 'fsGroup'),
    fsGroupChangePolicy: text(context, 'fsGroupChangePolicy'),
    supplementalGroups: unlessNone(
      items(context, 'supplementalGroups').filter((id) => typeof id === 'number'),
    ),
    sysctls: unlessNone(
      items(context, 'sysctls').map((sysctl) =>
        present({ name: text(sysctl, 'name') ?? '', value: text(sysctl, 'value') }),
      ),
    ),
  });
}

function containerContextOf(context: unknown): ContainerSecurityContext {
  return present({
    ...sharedContextOf(context),
    privileged: booleanAt(context, 'privileged'),
    allowPrivilegeEscalation: booleanAt(context, 'allowPrivilegeEscalation'),
    readOnlyRootFilesystem: booleanAt(context, 'readOnlyRootFilesystem'),
    procMount: text(context, 'procMount'),
    capabilities: unlessEmpty(
      present({
        add: unlessNone(texts(context, 'capabilities', 'add')),
        drop: unlessNone(texts(context, 'capabilities', 'drop')),
      }),
    ),
  });
}

/** Contents of a volume that decide something; the rest of it is nobody's business here. */
const keptContents: ReadonlyMap<string, string> = new Map([
  ['csi', 'driver'],
  ['persistentVolumeClaim', 'claimName'],
  ['secret', 'defaultMode'],
  ['projected', 'defaultMode'],
]);

function volumeOf(volume: unknown): readonly Volume[] {
  const name = text(volume, 'name');
  if (name === undefined || !isObject(volume)) return [];
  const sources = Object.keys(volume).filter((key) => key !== 'name' && isObject(volume[key]));
  return [{ name, ...Object.fromEntries(sources.map((source) => [source, contentsOf(volume, source)])) }];
}

function contentsOf(volume: unknown, source: string): Readonly<Record<string, unknown>> {
  const kept = keptContents.get(source);
  const value =
    kept === undefined ? undefined : (text(volume, source, kept) ?? numberAt(volume, source, kept));
  return kept === undefined || value === undefined ? {} : { [kept]: value };
}

const items = (value: unknown, ...path: readonly string[]): readonly unknown[] =>
  listAt(value, ...path).slice(0, maxItems);

const texts = (value: unknown, ...path: readonly string[]): readonly string[] =>
  items(value, ...path).flatMap((item) => (typeof item === 'string' ? bounded(item) : []));

const bounded = (value: string): string => value.slice(0, maxTextLength);

function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = textAt(value, ...path);
  return found === undefined ? undefined : bounded(found);
}

const unlessNone = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);

const unlessEmpty = <T extends object>(value: T): T | undefined =>
  Object.keys(value).length > 0 ? value : undefined;

/** A declared pod in the shape of Kubernetes, without what is known of it beside that. */
export function manifestOf({ annotations, spec, containers }: DeclaredPod): PodManifest {
  const list = (...types: readonly ContainerType[]): readonly ContainerSpec[] =>
    containers.filter(({ type }) => types.includes(type)).map(specOf);
  return present({
    annotations,
    spec: present({
      ...spec,
      initContainers: unlessNone(list('InitContainer', 'Sidecar')),
      containers: list('Container'),
      ephemeralContainers: unlessNone(list('EphemeralContainer')),
    }),
  });
}

/** Only what a spec has: what the status says must never get into a patch. */
function specOf(container: DeclaredContainer): ContainerSpec {
  const { name, securityContext, env, ports, volumeMounts, lifecycle } = container;
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return present({
    name,
    image: container.image || undefined,
    restartPolicy: container.type === 'Sidecar' ? 'Always' : undefined,
    securityContext,
    env,
    ports,
    volumeMounts,
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle,
  } satisfies Readonly<Record<keyof ContainerSpec, unknown>>);
}
