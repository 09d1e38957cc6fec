// SELinux: a few types are permitted; user and role may not be set at all.

import type { PodManifest, PodSecurityContext } from '../../model/pod-manifest.ts';
import type { PodSecurityCheck, FailedCheck } from './check.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { isNobody, namedIn, settersOf, settersText } from './setters.ts';
import { plural, quoted, sortedOnce } from './words.ts';

type SeLinuxOptions = NonNullable<PodSecurityContext['seLinuxOptions']>;

const typesFrom0: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const typesFrom31: readonly string[] = [...typesFrom0, 'container_engine_t'];

export const refusedSeLinux: PodSecurityCheck = (pod) => refused(pod, typesFrom0);
export const refusedSeLinuxFrom31: PodSecurityCheck = (pod) => refused(pod, typesFrom31);

function refused(pod: PodManifest, permitted: readonly string[]): FailedCheck | undefined {
  const hasWrongType = ({ type = '' }: SeLinuxOptions): boolean => !permitted.includes(type);
  const setters = settersOf(pod, ({ seLinuxOptions: options }) =>
    Boolean(options && (hasWrongType(options) || options.user || options.role)),
  );
  if (isNobody(setters)) return undefined;
  const all = optionsIn(pod);
  const types = sortedOnce(all.filter(hasWrongType).map(({ type = '' }) => type));
  const wrong = [
    ...(types.length > 0 ? [`${plural('type', types)} ${quoted(types)}`] : []),
    ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
    ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
  ];
  return {
    reason: 'seLinuxOptions',
    detail: `${settersText(setters)} set forbidden securityContext.seLinuxOptions: ${wrong.join('; ')}`,
    ...namedIn(setters),
  };
}

const optionsIn = (pod: PodManifest): readonly SeLinuxOptions[] =>
  [pod.spec, ...containersOf(pod)].flatMap(({ securityContext }) => securityContext?.seLinuxOptions ?? []);
