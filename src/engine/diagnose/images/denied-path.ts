// What the image itself says of the path that a program was denied: who owns it there, and whether that explains it.

import type { Finding } from '../../model/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import type { Inspected, ShownContainer } from './image-facts.ts';
import { accessAnswer } from './image-facts.ts';

/** Families whose path stands in the image, and whether it has to be executed. */
const inImage: Readonly<Record<string, boolean>> = {
  'image-dir-ownership': false,
  'home-missing': false,
  workdir: true,
  'exec-mode': true,
};

/** Adds the owner and mode that stand in the way; or that the image does not explain it. */
export function withDeniedPath(
  { finding, questions }: Inspected,
  [first]: readonly ShownContainer[],
  snapshot: Snapshot,
): Inspected {
  const { path, family = '' } = finding;
  const isExecuted = inImage[family];
  if (finding.cause !== 'NonRootPermissionDenied' || path === undefined || isExecuted === undefined || !first)
    return { finding, questions };
  const { container, pod } = first;
  const { runAsUser = finding.image.uid, runAsGroup = finding.image.gid ?? 0 } = effective(
    pod.manifest,
    container,
  );
  if (runAsUser === undefined || isMounted(path, first)) return { finding, questions };
  const sought = { path, uid: runAsUser, gid: runAsGroup, ...(isExecuted && { wanted: 'execute' as const }) };
  const { question, access, isAnswered } = accessAnswer(container, pod, sought, snapshot);
  const known = access ? explained(finding, access) : finding;
  if (isAnswered) return { finding: known, questions };
  return { finding: asRecorded(finding, snapshot), questions: [...questions, question] };
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
    ...finding,
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
  return { ...finding, risks: [{ code: 'RootOwnedPath', detail }, ...others] };
}

/** Below a mount it is the volume that decides. */
function isMounted(path: string, { container }: ShownContainer): boolean {
  return (container.volumeMounts ?? []).some(
    ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/+$/, '')}/`),
  );
}
