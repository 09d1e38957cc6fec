// Every sentence with which a kubelet, of any version, does not start a container because of runAsNonRoot.

import type { Cause } from '../../model/cause.ts';

export type Sentence = {
  readonly cause: Cause;
  /** Up to the parenthesis that opens the user; the whole sentence where it prints none. */
  readonly head: string;
  /** From the parenthesis that closes the user. */
  readonly tail?: string;
  /** The shortest beginning of the head that nothing else begins with: enough where a text ends right there. */
  readonly stem?: string;
  /** The beginning of the tail without which the head says nothing; elsewhere the head alone decides. */
  readonly proof?: string;
};

const regarded = ') which will be regarded as root identity';

export const sentences: readonly Sentence[] = [
  {
    cause: 'RunAsUserIsRoot',
    head: "container's runAsUser breaks non-root policy",
    stem: "container's runAsUser breaks",
  },
  {
    cause: 'ImageRunsAsRoot',
    head: 'container has runAsNonRoot and image will run as root',
    stem: 'container has runAsNonRoot and image will',
  },
  // 2015
  {
    cause: 'ImageRunsAsRoot',
    head: 'container has no runAsUser and image will run as root',
    stem: 'container has no runAsUser and image will',
  },
  {
    cause: 'NonNumericUser',
    head: 'container has runAsNonRoot and image has non-numeric user (',
    tail: '), cannot verify user is non-root',
    stem: 'container has runAsNonRoot and image has non-',
  },
  // 1.33 and newer
  {
    cause: 'InvalidImageUID',
    head: 'container has runAsNonRoot and image has an invalid user id (',
    tail: '). (Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive',
    stem: 'container has runAsNonRoot and image has an invalid',
  },
  // Windows: the account that the spec names, then the one that the image names
  {
    cause: 'WindowsAdministrator',
    head: "container's runAsUserName (",
    tail: `${regarded} and will break non-root policy`,
    proof: regarded,
  },
  {
    cause: 'WindowsAdministrator',
    head: "container's runAsUser (",
    tail: `${regarded} and will break non-root policy`,
    proof: regarded,
  },
];

/** The sentence as a kubelet writes it, without pod and container; an ellipsis stands for a user that is lost. */
export function write({ head, tail }: Sentence, user: string): string {
  return tail === undefined ? head : `${head}${user}${tail}`;
}

/** What the kubelet says of a cause that it can find, as its present version words it. */
export function kubeletSentence(cause: Cause, user: string): string {
  const sentence = sentences.find((one) => one.cause === cause);
  return sentence ? write(sentence, user) : '';
}
