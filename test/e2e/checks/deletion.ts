// A Diagnosis goes with its workload.

import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { create, diagnosisOf, lacks, place } from './check.ts';
import type { Ground } from './check.ts';

export async function deletion(ground: Ground): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const namespace = await place(ground, 'deletion');
  const names = ['first', 'second'];
  await create(cluster, ...names.map((name) => deployment({ namespace, name, image: images.root })));
  for (const name of names)
    await demand('diagnosing', lacks(ground, namespace, `Deployment/${name}`, 'Failing'), {
      limitMs: 60_000,
      signal,
    });
  await cluster.kubectl(['-n', namespace, 'delete', 'deployment', 'first']);
  const left = () =>
    diagnosisOf(ground, namespace, 'Deployment/first') ? ['the Diagnosis of first is still there'] : [];
  const complaints = await until(left, { limitMs: 60_000, signal });
  const other = lacks(ground, namespace, 'Deployment/second', 'Failing')();
  return [
    ...complaints,
    ...other,
    ...(diagnosisNames(ground, namespace).length === 1 ? [] : ['expected one Diagnosis']),
  ];
}

function diagnosisNames({ diagnoses }: Ground, namespace: string): readonly string[] {
  return diagnoses
    .objects()
    .flatMap(({ metadata }) => (metadata.namespace === namespace ? [metadata.name] : []));
}
