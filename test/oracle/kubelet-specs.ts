// Which containers the kubelet is asked about: every pair of settings at the two levels, and every form of USER.

import type { SecuritySettings } from '../../src/engine/model/pod.ts';
import { userForms } from './user-forms.ts';

/** One container in a pod. */
export type Spec = {
  readonly pod: Settings;
  readonly container: Settings;
  /** `config.User` of its image. */
  readonly user: string;
};

type Settings = Pick<SecuritySettings, 'runAsNonRoot' | 'runAsUser'>;

const requirements: readonly Settings[] = [{}, { runAsNonRoot: true }, { runAsNonRoot: false }];
const uids = [undefined, 0, 1000, 10001, 2_147_483_647];
const levels: readonly Settings[] = requirements.flatMap((requirement) =>
  uids.map((runAsUser) => (runAsUser === undefined ? requirement : { ...requirement, runAsUser })),
);

const usualUsers = [
  '',
  'root',
  '0',
  'appuser',
  'appuser:appgroup',
  'ghost',
  '10001',
  '10001:20001',
  '4294967294',
];
const sampleStep = 14;

/** Every pair of settings with one of the users in turn; with every user where the image decides. */
export function allSpecs(): readonly Spec[] {
  const pairs = levels.flatMap((pod) => levels.map((container) => ({ pod, container })));
  const specs = pairs.flatMap(({ pod, container }, at): readonly Spec[] => {
    const user = usualUsers[(at + Math.floor(at / levels.length)) % usualUsers.length] ?? '';
    return [pod, container].every(isImageDecisive)
      ? usualUsers.map((one) => ({ pod, container, user: one }))
      : [{ pod, container, user }];
  });
  const forms = Object.values(userForms).map((user): Spec => ({
    pod: { runAsNonRoot: true },
    container: {},
    user,
  }));
  return [...new Map([...specs, ...forms].map((spec) => [nameOf(spec), spec])).values()];
}

/** A few of them, of every kind. */
export function sampleOf(specs: readonly Spec[]): readonly Spec[] {
  return specs.filter((_, at) => at % sampleStep === 0);
}

const isImageDecisive = ({ runAsUser }: Settings): boolean => runAsUser === undefined;

/** `pod true 1000, container unset unset, USER "appuser"` */
export function nameOf({ pod, container, user }: Spec): string {
  return `pod ${textOf(pod)}, container ${textOf(container)}, USER ${JSON.stringify(user)}`;
}

export const textOf = ({ runAsNonRoot, runAsUser }: Settings): string =>
  `${runAsNonRoot ?? 'unset'} ${runAsUser ?? 'unset'}`;
