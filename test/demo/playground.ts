// What the demo does with its cluster and reads from it. Waits are for what the operator records, never for a time.

import type { DiagnosisStatus } from '../../src/engine/model/diagnosis.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import type { KubeObject } from '../apiserver/object.ts';
import { until } from '../operator.ts';
import { namespace } from './deployment.ts';

/** Of a Deployment in the demo's namespace. */
export const diagnosisOf = (server: ApiServer, name: string): KubeObject | undefined =>
  server.get('Diagnosis', namespace, `deployment-${name}`);

/** Waits until a status is as wanted. */
export async function recorded(
  server: ApiServer,
  name: string,
  isWanted: (status: DiagnosisStatus) => boolean,
): Promise<DiagnosisStatus> {
  let status: DiagnosisStatus | undefined;
  await until(`the Diagnosis of ${name} is as the story goes`, () => {
    status = diagnosisOf(server, name)?.['status'] as DiagnosisStatus | undefined;
    return status !== undefined && isWanted(status);
  });
  if (!status) throw new Error(`${name} has no Diagnosis.`);
  return status;
}

/** The image has been read, so that the fix can name numbers. */
export const isExplained = ({ findings, fix }: DiagnosisStatus): boolean =>
  fix !== undefined && findings[0]?.image.resolution === 'Resolved';

/** As `kubectl patch --patch-file` sends it. */
export async function patch(url: string, name: string, change: object): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}?fieldManager=kubectl-patch`;
  const headers = { 'content-type': 'application/strategic-merge-patch+json' };
  const answer = await fetch(url + path, { method: 'PATCH', headers, body: JSON.stringify(change) });
  if (!answer.ok) throw new Error(`The patch was refused: ${await answer.text()}`);
}
