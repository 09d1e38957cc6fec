// What the image itself says of the path that a program was denied: who owns it there, and whether that explains it.

import type { Finding } from '../../model/finding.ts';
import type { SoughtAccess } from '../../model/image.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { volumeAt } from '../../platform/kubernetes/volume-at.ts';
import type { Inspected, ShownContainer } from './image-facts.ts';
import { accessAnswer } from './image-facts.ts';

/** Adds the owner and mode that stand in the way, or that the image does not explain it; and whether anything confirms it. */
export function withDeniedPath(
  { finding, questions }: Inspected,
  [first]: readonly ShownContainer[],
  snapshot: Snapshot,
): Inspected {
  if (finding.cause !== 'NonRootPermissionDenied' || !first) return { finding, questions };
  if (isBeyondDoubt(finding, first)) return { finding: confirmed(finding), questions };
  const sought = soughtIn(finding, first);
  if (!sought) return { finding, questions };
  const { question, access, isAnswered } = accessAnswer(first.container, first.pod, sought, snapshot);
  const known = access ? explained(finding, access) : finding;
  if (isAnswered) return { finding: known, questions };
  return { finding: asRecorded(finding, snapshot), questions: [...questions, question] };
}

/** Families that name what a user who is not root lacks; who may read, write or execute a file is a different question. */
const certain = new Set([
  'bind-privileged-port',
  'privilege-drop',
  'uid-without-passwd-entry',
  'file-caps',
  'needs-root',
]);

/** What a shell ends with where it may not execute a program. */
const notExecutable = 126;

/** By the family, by how the program ended, or because the path lies on a volume of the pod. */
function isBeyondDoubt({ family = '', path }: Finding, { container, pod }: ShownContainer): boolean {
  if (certain.has(family)) return true;
  if (family === 'exec-mode' && container.lastTerminated?.exitCode === notExecutable) return true;
  const volume = path === undefined ? undefined : volumeAt(path, container, pod.manifest);
  // every user may write to a volume of this kind
  return volume !== undefined && !('emptyDir' in volume);
}

const confirmed = ({ unconfirmed: _words, ...finding }: Finding): Finding => finding;

/** Families whose path stands in the image, and what was tried there. */
const inImage: Readonly<Record<string, SoughtAccess['wanted'] | 'attempt'>> = {
  'image-dir-ownership': 'attempt',
  'volume-ownership': 'attempt',
  'home-missing': 'attempt',
  'secret-mode': 'read',
  workdir: 'execute',
  'exec-mode': 'execute',
};

function soughtIn(
  { family = '', path, attempt, image }: Finding,
  { container, pod }: ShownContainer,
): SoughtAccess | undefined {
  const tried = inImage[family];
  const { runAsUser = image.uid, runAsGroup = image.gid ?? 0 } = effective(pod.manifest, container);
  if (tried === undefined || path === undefined || runAsUser === undefined) return undefined;
  if (volumeAt(path, container, pod.manifest)) return undefined;
  const wanted = tried === 'attempt' ? wantedFor(attempt) : tried;
  return { path, uid: runAsUser, gid: runAsGroup, ...(wanted && { wanted }) };
}

/** Directories are made with those above them; a file that is neither read nor made was to be written. */
function wantedFor(attempt: Finding['attempt']): SoughtAccess['wanted'] {
  if (attempt === 'makeDirectory') return undefined;
  return attempt === 'read' ? 'read' : 'write';
}

/** What the image said before a restart holds until it has been asked again. */
function asRecorded(finding: Finding, { recorded }: Snapshot): Finding {
  const was = recorded?.status?.findings.find(
    ({ cause, container, path }) =>
      cause === finding.cause && container.name === finding.container.name && path === finding.path,
  );
  if (!was) return finding;
  const { detail } = was.image;
  return {
    ...(was.unconfirmed ? finding : confirmed(finding)),
    ...(was.risks && { risks: was.risks }),
    image: { ...finding.image, ...(detail !== undefined && { detail }) },
  };
}

function explained(finding: Finding, { detail, isAllowed }: { detail: string; isAllowed: boolean }): Finding {
  if (isAllowed) {
    const doubt = `yet ${detail}, so the image does not explain it`;
    return {
      ...finding,
      image: { ...finding.image, detail: [finding.image.detail, doubt].filter(Boolean).join('; ') },
    };
  }
  const others = (finding.risks ?? []).filter((risk) => risk.detail !== detail);
  return { ...confirmed(finding), risks: [{ code: 'RootOwnedPath', detail }, ...others] };
}
