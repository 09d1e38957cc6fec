// What the JSON of an object holds when it shows a failure: bytes without any of these phrases need not be parsed.

/**
 * Phrases of kubelets and container runtimes, which the JSON of healthy pods does not hold. They begin with a space wherever
 * the text does: spaces are so rare in that JSON that searching for such a phrase costs next to nothing.
 */
export const containerFailurePhrases: readonly string[] = [
  ' runAsNonRoot and image',
  ' runAsUser and image',
  ' non-root policy',
  ' no users found',
  ' unable to find user',
  ' unable to find group',
  ' no groups found',
  'passwd: no such file',
  ' path escapes from parent',
  ' unmapped user',
  ' setgroups',
  ' setgid(0)',
  ' mapped to a host ID',
  ' RunAsUser is not set',
  ' permission denied',
  ' Permission denied',
  ' operation not permitted',
  ' Operation not permitted',
];

/** What the JSON of a pod holds when one of its containers has crashed; also of many a pod that has recovered. */
export const crashPhrases: readonly string[] = ['LoopBackOff', '"reason":"Error"'];
