// A finding in the words of the contract: what a Diagnosis holds and scripts read.

import type { RecordedFinding, RecordedSetting } from '../../model/diagnosis.ts';
import type { Finding, Setting } from '../../model/finding.ts';
import { printable } from '../../platform/data/printable.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { unnamedAdmission } from '../sentence.ts';

/** No limit of Kubernetes; no image has as long a name. */
const maxReference = 1024;

/** In the order in which the fields have always been written. */
export function recordedFinding(finding: Finding): RecordedFinding {
  const { cause, container, message, policy, settings, image, risks, ...rest } = finding;
  return {
    cause,
    container,
    message,
    ...(policy && { family: policyText(policy) }),
    ...rest,
    settings: settings.map(recordedSetting),
    image: { ...image, reference: printable(image.reference, maxReference) },
    ...(risks && { risks }),
  };
}

export const recordedSetting = ({ setBy, ...setting }: Setting): RecordedSetting => ({
  ...setting,
  setBy: setBy.is === 'manager' ? setBy.name : unnamed[setBy.is],
});

const unnamed = { admission: unnamedAdmission, unknown: 'unknown' };
