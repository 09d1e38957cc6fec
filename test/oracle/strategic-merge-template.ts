// Pod templates by chance, as a server takes them.

import * as fc from 'fast-check';
import {
  atLeastOne,
  containerFields,
  containerNames,
  forEach,
  hook,
  initNames,
  mountPaths,
  podFields,
  portNumbers,
  probe,
  someFields,
  someKeys,
  sources,
  volumeNames,
  withSome,
} from './strategic-merge-values.ts';
import type { Fields } from './strategic-merge-values.ts';

export type Template = { readonly metadata: Fields; readonly spec: Fields };

const someVolumes = forEach(someKeys(volumeNames), (name) =>
  fc.constantFrom(...sources).map((source) => ({ name, ...source })),
);

export const template: fc.Arbitrary<Template> = someVolumes.chain((volumes) => {
  const container = (name: string) => containerOf(name, namesOf(volumes).filter(isMounted));
  return fc.record({
    metadata: withSome({}, { annotations: fc.constant(annotations('restricted-v2')) }),
    spec: withSome(
      { volumes },
      {
        securityContext: someFields(podFields, 5),
        initContainers: forEach(someKeys(initNames, 1), (name) =>
          container(name).map((made) => ({
            ...made,
            ...(name === 'sidecar' && { restartPolicy: 'Always' }),
          })),
        ),
        hostPID: fc.constant(true),
        hostUsers: fc.constant(true),
        os: fc.constant({ name: 'linux' }),
      },
    ).chain((spec) =>
      forEach(atLeastOne(containerNames), container).map((containers): Fields => ({ ...spec, containers })),
    ),
  });
});

export function containerOf(name: string, volumes: readonly string[]): fc.Arbitrary<Fields> {
  const mount = (mountPath: string) =>
    fc.constantFrom(...volumes).map((volume) => ({ mountPath, name: volume }));
  return withSome(
    { name, image: 'app:1' },
    {
      securityContext: someFields(containerFields).map(possible).filter(isNotEmpty),
      ports: forEach(someKeys(portNumbers), (port) => portOf(name, port)).map((ports) =>
        ports.flatMap(bothProtocols),
      ),
      ...(volumes.length > 0 && { volumeMounts: forEach(someKeys(mountPaths), mount) }),
      ...(mayBeProbed(name) && { livenessProbe: probe, lifecycle: fc.record({ preStop: hook }) }),
    },
  );
}

/** Nothing is privileged and may not escalate. */
const possible = ({ privileged, ...others }: Fields): Fields =>
  others['allowPrivilegeEscalation'] === false || privileged === undefined
    ? others
    : { privileged, ...others };

/** An empty one counts as none here, and makes a difference at the server: there it could be replaced. */
const isNotEmpty = (context: Fields): boolean => Object.keys(context).length > 0;

export const mayBeProbed = (name: string): boolean => !initNames.includes(name);

const portOf = (container: string, containerPort: number) =>
  withSome(
    { containerPort },
    { hostPort: fc.constant(hostPort(container, containerPort)), protocol: fc.constantFrom('TCP', 'UDP') },
  );

/** Of the whole pod no other port has this one. */
export function hostPort(container: string, containerPort: number): number {
  return containerPort + 10_000 + 1000 * [...containerNames, ...initNames].indexOf(container);
}

/** One number may stand there twice. */
const bothProtocols = (port: Fields): readonly Fields[] =>
  port['containerPort'] === 53
    ? [
        { ...port, protocol: 'TCP' },
        { containerPort: 53, protocol: 'UDP' },
      ]
    : [port];

export function annotations(scc: string | null): Readonly<Record<string, string | null>> {
  return { 'openshift.io/scc': scc, 'example.com/team': 'shop' };
}

/** The one that nobody mounts may be deleted. */
export const isMounted = (volume: string): boolean => volume !== 'spare';

export const namesOf = (list: unknown): readonly string[] =>
  itemsOf(list).map((item) => String(item['name']));

export const itemsOf = (list: unknown): readonly Fields[] =>
  Array.isArray(list) ? (list as readonly Fields[]) : [];
