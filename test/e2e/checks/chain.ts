// One failure turns into the next: the patch that lets a container start uncovers what it may not do then, and the Diagnosis
// tells both, in their order.

import type { DiagnosisStatus } from '../../../src/engine/model/diagnosis.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { create, diagnosisOf, place } from './check.ts';
import type { Ground } from './check.ts';

export async function chain(ground: Ground): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const namespace = await place(ground, 'chain');
  const said = (): DiagnosisStatus | undefined => diagnosisOf(ground, namespace, 'Deployment/web')?.status;
  const lacks = (cause: string) => (): Complaints =>
    said()?.state === 'Failing' && said()?.cause === cause
      ? []
      : [`expected ${cause}, it is ${said()?.cause}`];
  await create(cluster, deployment({ namespace, name: 'web', image: images.lowPort }));
  await demand('the first cause', lacks('ImageRunsAsRoot'), { limitMs: 60_000, signal });
  await cluster.kubectl(['-n', namespace, 'patch', 'deployment/web', '-p', withUser(10001)]);
  await demand('the second cause', lacks('NonRootPermissionDenied'), { limitMs: 90_000, signal });
  const differs = (): Complaints => {
    const { previous = [], summary = '', findings = [] } = said() ?? {};
    return [
      ...(previous[0]?.cause === 'ImageRunsAsRoot' ? [] : [`previous is ${JSON.stringify(previous)}`]),
      ...(summary.includes('then runAsUser was set to 10001') ? [] : [`the summary is: ${summary}`]),
      ...(findings[0]?.family === 'bind-privileged-port' ? [] : [`the family is ${findings[0]?.family}`]),
    ];
  };
  return until(differs, { limitMs: 15_000, signal });
}

function withUser(runAsUser: number): string {
  return JSON.stringify({
    spec: { template: { spec: { containers: [{ name: 'app', securityContext: { runAsUser } }] } } },
  });
}
