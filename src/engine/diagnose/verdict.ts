// Makes one verdict of what was found in the pods of a workload: the same findings however many pods show them.

import type { Finding, Verdict } from '../model/finding.ts';
import { maxFindings } from '../model/finding.ts';
import { containerTypes, type Container, type Pod, type Template } from '../model/pod.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import type { ShownContainer } from './images/image-facts.ts';

export type FailingPod = { readonly pod: Pod; readonly found: readonly ShownFinding[] };

/** A finding, and the container that shows it. */
export type ShownFinding = { readonly finding: Finding; readonly container: Container };

/** A finding of the workload, and everything that shows it. */
export type MergedFinding = { readonly finding: Finding; readonly shown: readonly ShownContainer[] };

export function verdictOn(failing: readonly FailingPod[], findings: readonly Finding[]): Verdict {
  const pods = failing.map(({ pod }) => pod);
  const stuckSince = pods.map(({ createdTime }) => createdTime).toSorted()[0];
  return {
    findings,
    failingPods: podCount(pods),
    failingPodsCounted: podCount(
      failing.filter(({ found }) => !found.every(isEphemeral)).map(({ pod }) => pod),
    ),
    nodes: [...new Set(pods.flatMap(({ node }) => node ?? []))].toSorted(),
    ...(stuckSince !== undefined && { stuckSince }),
  };
}

/** Those that are left out because they are in the same state count as well. */
export const podCount = (pods: readonly Pod[]): number =>
  pods.reduce((sum, { alike = 0 }) => sum + 1 + alike, 0);

const isEphemeral = ({ container }: ShownFinding): boolean => container.type === 'EphemeralContainer';

/** @param failing newest first: of findings that are the same, the newest pod's stays */
export function mergedFindings(
  failing: readonly FailingPod[],
  template: Template | undefined,
): readonly MergedFinding[] {
  const byIdentity = new Map<string, Ranked>();
  for (const { pod, found } of failing) {
    for (const { finding, container } of found) {
      const identity = identityOf(finding);
      const known = byIdentity.get(identity);
      if (known) known.shown.push({ container, pod });
      else
        byIdentity.set(identity, {
          finding,
          shown: [{ container, pod }],
          rank: rankOf(finding, pod, template),
        });
    }
  }
  return [...byIdentity.values()].toSorted(byRank).slice(0, maxFindings);
}

/**
 * What a person would call the same problem: container, cause and the kubelet's words. Two messages about one
 * container, as in the midst of a rollout, are two problems; another digest or another pod is none.
 */
function identityOf({ cause, container, message }: Finding): string {
  return JSON.stringify([container.type, container.name, cause, message]);
}

type Ranked = {
  readonly finding: Finding;
  readonly shown: ShownContainer[];
  readonly rank: readonly (number | string)[];
};

/** Kinds in the order in which they start, then as the template lists them, then what the template has not. */
function rankOf({ cause, container, message }: Finding, pod: Pod, template: Template | undefined) {
  const isIt = (other: Finding['container']): boolean =>
    other.name === container.name && other.type === container.type;
  const listed = template ? containersOf(template.manifest) : [];
  const declared = listed.findIndex(isIt);
  const index = declared >= 0 ? declared : listed.length + containersOf(pod.manifest).findIndex(isIt);
  return [containerTypes.indexOf(container.type), index, container.name, cause, message];
}

function byRank(a: Ranked, b: Ranked): number {
  const differs = a.rank.findIndex((part, index) => part !== b.rank[index]);
  return differs < 0 || (a.rank[differs] ?? 0) < (b.rank[differs] ?? 0) ? -1 : 1;
}
