// Reads a pod or a pod template down to the fields that decide. What is not of the expected type counts as absent.

import type {
  ContainerSpec,
  HostHandler,
  PodManifest,
  PodSecurityContext,
  PodSpec,
  Volume,
} from '../../model/pod-manifest.ts';
import { isObject, objectAt, present } from '../data/field.ts';
import { printableLine } from '../data/printable.ts';

/** More of anything than a pod can reasonably have. */
const maxItems = 512;
const maxTextLength = 1024;

/**
 * @param pod a Pod or a PodTemplateSpec: `metadata` and `spec`
 */
export function podManifestOf(pod: unknown): PodManifest {
  const annotations = Object.entries(objectAt(pod, 'metadata', 'annotations')).flatMap(([key, value]) =>
    typeof value === 'string' && decidingAnnotations.test(key) ? [[key, bounded(value)] as const] : [],
  );
  return present({
    annotations: annotations.length > 0 ? Object.fromEntries(annotations) : undefined,
    spec: podSpec(objectAt(pod, 'spec')),
  });
}

const decidingAnnotations = /^(?:(?:container\.)?(?:seccomp|apparmor)\.security\.|openshift\.io\/scc$)/;

type FieldReader<T> = (value: unknown) => T | undefined;

/** One for each field: a field that a type has and no reader keeps does not compile. */
type Readers<T> = { readonly [K in keyof T]-?: FieldReader<Exclude<T[K], undefined>> };

const bounded = (value: string): string => value.slice(0, maxTextLength);

const text: FieldReader<string> = (value) => (typeof value === 'string' ? bounded(value) : undefined);
const word: FieldReader<string> = (value) => {
  const found = text(value);
  return found && printableLine(found, maxTextLength);
};
const textOrNone = (value: unknown): string => text(value) ?? '';
const number: FieldReader<number> = (value) => (typeof value === 'number' ? value : undefined);
const flag: FieldReader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

const fields =
  <T>(readers: NoInfer<Readers<T>>) =>
  (value: unknown): T => {
    const found = objectAt(value);
    const read = Object.entries<FieldReader<unknown>>(readers).map(([name, reader]) => [
      name,
      reader(Object.hasOwn(found, name) ? found[name] : undefined),
    ]);
    // Each reader returns what its field may hold, and the required fields have one that never returns undefined.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return present(Object.fromEntries(read) as Readonly<Record<string, unknown>>) as T;
  };

/** Absent where none of its fields is there, or not the one that it cannot do without. */
function object<T extends object>(readers: NoInfer<Readers<T>>, required?: NoInfer<keyof T>): FieldReader<T> {
  const read = fields<T>(readers);
  return (value) => {
    const found = read(value);
    const isThere = required === undefined ? Object.keys(found).length > 0 : found[required] !== undefined;
    return isThere ? found : undefined;
  };
}

/** Empty where it holds only what decides nothing: a patch must not take its place. */
function context<T>(readers: NoInfer<Readers<T>>): FieldReader<T> {
  const read = fields<T>(readers);
  return (value) => {
    const set = Object.entries(objectAt(value)).filter(
      ([name, one]) => !name.startsWith('$') && one !== null,
    );
    return set.length > 0 ? read(value) : undefined;
  };
}

const items =
  <T>(item: FieldReader<T>) =>
  (value: unknown): readonly T[] =>
    (Array.isArray(value) ? value.slice(0, maxItems) : []).flatMap((one: unknown) => item(one) ?? []);

/** The same; absent where it is empty. */
function list<T>(item: FieldReader<T>): FieldReader<readonly T[]> {
  const read = items(item);
  return (value) => {
    const found = read(value);
    return found.length > 0 ? found : undefined;
  };
}

const profile = object<{ readonly type: string; readonly localhostProfile?: string }>(
  { type: text, localhostProfile: text },
  'type',
);

const sharedContext = {
  runAsNonRoot: flag,
  runAsUser: number,
  runAsGroup: number,
  seccompProfile: profile,
  appArmorProfile: profile,
  seLinuxOptions: object<NonNullable<PodSecurityContext['seLinuxOptions']>>({
    type: text,
    user: text,
    role: text,
    level: text,
  }),
  windowsOptions: context<NonNullable<PodSecurityContext['windowsOptions']>>({
    hostProcess: flag,
    runAsUserName: text,
  }),
};

/** Only where it names a host; every other probe decides nothing. */
const handler = object<HostHandler>({ httpGet: object({ host: text }), tcpSocket: object({ host: text }) });

/** That there is something, and nothing of it. */
const mark: FieldReader<readonly []> = (value) => (Array.isArray(value) && value.length > 0 ? [] : undefined);

const container = object<ContainerSpec>(
  {
    // The API server allows no such name or image, but a file may have any text there.
    name: (value) => word(value) || undefined,
    image: word,
    restartPolicy: text,
    securityContext: context({
      ...sharedContext,
      privileged: flag,
      allowPrivilegeEscalation: flag,
      readOnlyRootFilesystem: flag,
      procMount: text,
      capabilities: object({ add: list(text), drop: list(text) }),
    }),
    env: mark,
    command: mark,
    args: mark,
    workingDir: text,
    ports: list(fields({ containerPort: number, hostPort: number })),
    volumeMounts: list(fields({ name: textOrNone, mountPath: textOrNone, readOnly: flag })),
    livenessProbe: handler,
    readinessProbe: handler,
    startupProbe: handler,
    lifecycle: object({ postStart: handler, preStop: handler }),
  },
  'name',
);

/** Contents of a volume that decide something. */
const contentsOf: ReadonlyMap<string, FieldReader<object>> = new Map([
  ['csi', fields({ driver: text })],
  ['persistentVolumeClaim', fields({ claimName: text })],
  ['secret', fields({ defaultMode: number })],
  ['projected', fields({ defaultMode: number })],
]);

const volume: FieldReader<Volume> = (value) => {
  const { name, ...sources } = objectAt(value);
  if (typeof name !== 'string') return undefined;
  const kept = Object.entries(sources)
    .filter(([, contents]) => isObject(contents))
    .map(([source, contents]) => [source, contentsOf.get(source)?.(contents) ?? {}] as const);
  return { name: bounded(name), ...Object.fromEntries(kept) };
};

const podSpec = fields<PodSpec>({
  hostNetwork: flag,
  hostPID: flag,
  hostIPC: flag,
  hostUsers: flag,
  os: object({ name: text }),
  securityContext: context({
    ...sharedContext,
    fsGroup: number,
    fsGroupChangePolicy: text,
    supplementalGroups: list(number),
    sysctls: list(fields({ name: textOrNone, value: text })),
  }),
  initContainers: list(container),
  containers: items(container),
  ephemeralContainers: list(container),
  volumes: list(volume),
});
