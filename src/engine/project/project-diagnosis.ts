// Projects a recorded Diagnosis. The API server has checked its shape against the schema in crds/.

import type { Diagnosis, DiagnosisStatus } from '../model/diagnosis.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { isObject, listAt, numberAt, objectAt, present, textAt } from '../platform/data/field.ts';

type RecordedDiagnosis = { readonly diagnosis: Diagnosis; readonly workload: WorkloadRef };

/** Returns undefined for an object that names no workload. */
export function projectDiagnosis(object: unknown): RecordedDiagnosis | undefined {
  const metadata = objectAt(object, 'metadata');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  const ref = objectAt(object, 'spec', 'workloadRef');
  const workloadRef = {
    apiVersion: textAt(ref, 'apiVersion') ?? '',
    kind: textAt(ref, 'kind') ?? '',
    name: textAt(ref, 'name') ?? '',
  };
  if (!name || !namespace || !workloadRef.kind || !workloadRef.name) return undefined;
  const status = objectAt(object, 'status');
  const uid = ownerUid(metadata, workloadRef);
  const diagnosis: Diagnosis = present({
    name,
    namespace,
    uid: textAt(metadata, 'uid') ?? '',
    generation: numberAt(metadata, 'generation') ?? 1,
    ownerUid: uid,
    spec: { workloadRef },
    status: isStatus(status) ? status : undefined,
  });
  return { diagnosis, workload: { ...workloadRef, namespace, uid } };
}

function isStatus(status: unknown): status is DiagnosisStatus {
  return isObject(status) && typeof status['state'] === 'string' && Array.isArray(status['findings']);
}

function ownerUid(metadata: unknown, ref: { readonly kind: string; readonly name: string }): string {
  const owner = listAt(metadata, 'ownerReferences').find(
    (candidate) => textAt(candidate, 'kind') === ref.kind && textAt(candidate, 'name') === ref.name,
  );
  return textAt(owner, 'uid') ?? '';
}
