// What the kubelet writes into `waiting` when a container does not start, in its own words.

/** Whom a message is about; kubelets print the pod as `"NAME_NAMESPACE(UID)"`. */
export type About = {
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly container: string;
};

/** A waiting reason and its message for one container. */
export type Says = (about: About) => { readonly reason: string; readonly message: string };

const refusal =
  (text: string): Says =>
  ({ pod, namespace, uid, container }) => ({
    reason: 'CreateContainerConfigError',
    message: `${text} (pod: "${pod}_${namespace}(${uid})", container: ${container})`,
  });

export const imageRunsAsRoot = (): Says => refusal('container has runAsNonRoot and image will run as root');

export const nonNumericUser = (user: string): Says =>
  refusal(
    `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`,
  );

export const runAsUserIsRoot = (): Says => refusal("container's runAsUser breaks non-root policy");

export const invalidImageUid = (uid: number): Says =>
  refusal(
    `container has runAsNonRoot and image has an invalid user id (${uid}). (Must be 1-(2147483647)): ` +
      'must be between 0 and 2147483647, inclusive',
  );

export const windowsAdministrator = (field: 'runAsUserName' | 'runAsUser', user: string): Says =>
  refusal(
    `container's ${field} (${user}) which will be regarded as root identity and will break non-root policy`,
  );

/** Any other text under any reason, for near misses: `says('ErrImagePull', 'not found')`. */
export const says =
  (reason: string, message: string): Says =>
  () => ({ reason, message });

export const secretNotFound = (name: string): Says =>
  says('CreateContainerConfigError', `secret "${name}" not found`);

export const imagePullBackOff = (image: string): Says =>
  says('ImagePullBackOff', `Back-off pulling image "${image}"`);

export const crashLoopBackOff = (): Says => (about) => ({
  reason: 'CrashLoopBackOff',
  message: `back-off 5m0s restarting failed container=${about.container} pod=${about.pod}_${about.namespace}(${about.uid})`,
});
