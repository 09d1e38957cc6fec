// The images of containers that have no finding: a fix of the pod must let these start, too.

import type { Finding, OtherImage } from '../../model/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageQuestion } from '../../model/question.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { imageEvidence } from './image-facts.ts';

/** Images that are read for their containers' sake alone. */
const maxImages = 8;

type OtherImages = {
  readonly others: readonly OtherImage[];
  readonly questions: readonly ImageQuestion[];
};

/** @param pod the newest failing one */
export function otherImages(
  pod: Pod | undefined,
  findings: readonly Finding[],
  snapshot: Snapshot,
): OtherImages {
  if (!pod) return { others: [], questions: [] };
  const found = new Set(findings.map(({ container }) => container.name));
  const images = containersOf(pod.manifest)
    .filter((container) => !found.has(container.name) && isDecidedByImage(container, pod))
    .slice(0, maxImages)
    .map((container) => ({ container, image: imageEvidence(container, pod, snapshot, 'user') }));
  return {
    others: images.map(({ container, image: { reading } }) => ({
      container: container.name,
      isPending: !reading,
      ...(reading?.is === 'read' && { user: reading.written }),
      ...(reading?.is === 'read' && reading.volumes && { volumes: reading.volumes }),
    })),
    questions: images.flatMap(({ image: { question, reading } }) => (reading ? [] : [question])),
  };
}

/** Where the spec names a uid, the user of the image does not count. */
const isDecidedByImage = (container: Container, pod: Pod): boolean =>
  container.type !== 'EphemeralContainer' && effective(pod.manifest, container).runAsUser === undefined;
