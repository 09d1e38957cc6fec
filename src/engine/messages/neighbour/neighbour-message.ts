// Recognises other reasons for which kubelets and runtimes start no container: a missing Secret, a group without a user.

import type { Neighbour } from '../../model/reported-failure.ts';
import { printableLine } from '../../platform/data/printable.ts';
import { redacted } from '../../redact/redacted.ts';

/** What the message of a container says that waits with CreateContainerConfigError; of the kubelet, whole. */
export function configErrorNeighbour(message: string): Neighbour | undefined {
  const said = message.trim();
  if (said === '') return undefined;
  return (
    neighbourIn(said) ?? { is: 'otherConfigError', message: printableLine(redacted(said), maxMessageLength) }
  );
}

const maxMessageLength = 200;
const maxLineLength = 4096;

/** What one line of a text, a message or an Event says. The kubelet's words must stand alone in it: others quote them. */
export function neighbourIn(line: string): Neighbour | undefined {
  const text = line.slice(0, maxLineLength);
  for (const { form, read } of forms) {
    const found = form.exec(text);
    if (found) return read(found.slice(1).map((part) => part ?? ''));
  }
  return undefined;
}

/** What may stand in front of the kubelet's words: nothing, `Error:`, a field of a status, the journal's frame. */
const before = String.raw`(?:^|\bError: |\bmessage: |\bCreateContainerConfigError: |\bfailed for volume \\*"[^"\\]{1,253}\\*" : )[\s\\"'\x60>]{0,8}`;
const name = String.raw`([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)`;

type NeighbourForm = {
  readonly form: RegExp;
  readonly read: (groups: readonly string[]) => Neighbour;
};

const kindOf = (word: string | undefined): 'Secret' | 'ConfigMap' =>
  word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';

const forms: readonly NeighbourForm[] = [
  {
    form: new RegExp(
      `${before}(secret|configmap) \\\\*"${name}\\\\*" not found(?=[\\\\"'\x60.]*\\s*(?:$|\\\\n|pod=))`,
    ),
    read: ([kind, object = '']) => ({ is: 'missingObject', kind: kindOf(kind), name: object }),
  },
  {
    form: new RegExp(`couldn't find key ([\\w.-]{1,253}) in (Secret|ConfigMap) ([a-z0-9-]{1,63}/)?${name}`),
    read: ([key = '', kind, namespace = '', object = '']) => ({
      is: 'missingKey',
      kind: kindOf(kind),
      name: `${namespace}${object}`,
      key,
    }),
  },
  {
    form: /failed to sync (secret|configmap) cache: timed out|(services) have not yet been read at least once/,
    read: ([kind, services]) => ({ is: 'unreadCache', what: services || kindOf(kind) }),
  },
  {
    form: /[Kk]eys \[([^\]\n]{1,300})\] from the EnvFrom \S{1,300} \S{1,317} were skipped/,
    read: ([names = '']) => ({
      is: 'invalidEnvironmentNames',
      names: printableLine(names, maxMessageLength),
    }),
  },
  {
    form: /failed to (?:prepare subPath|create subPath directory) for volumeMount \\*"([a-z0-9-]{1,63})\\*"/,
    read: ([volumeMount = '']) => ({ is: 'subPath', volumeMount }),
  },
  {
    form: /user group \\*"(\d{1,10})\\*" is specified without user/,
    read: ([group = '']) => ({ is: 'groupWithoutUser', group }),
  },
  { form: /runAsGroup is specified without a runAsUser/, read: () => ({ is: 'groupWithoutUser' }) },
  {
    form: /hcs(?:shim)?::System::CreateProcess[^\n]{0,600}?(?:The user name or password is incorrect|No mapping between account names and security IDs)/,
    read: () => ({ is: 'unknownWindowsAccount' }),
  },
];
