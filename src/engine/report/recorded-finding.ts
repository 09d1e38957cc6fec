// A finding in the words of the contract: what a Diagnosis holds and scripts read.

import type { RecordedFinding, RecordedSetting } from '../model/diagnosis.ts';
import type { FieldSetter, Finding, Setting } from '../model/finding.ts';
import { policyText } from '../platform/pod-security/pod-security-labels.ts';

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
    image,
    ...(risks && { risks }),
  };
}

const recordedSetting = ({ setBy, ...setting }: Setting): RecordedSetting => ({
  ...setting,
  setBy: setterText(setBy),
});

function setterText(setter: FieldSetter): string {
  switch (setter.is) {
    case 'manager':
      return setter.name;
    case 'admission':
      return 'admission, unnamed';
    case 'unknown':
      return 'unknown';
    default:
      return setter satisfies never;
  }
}
