// Makes a pod one that the API server takes: it looks at what fits together before Pod Security looks at anything.

import { appArmorOfContainer, seccompOfContainer, seccompOfPod } from './pod-security-forms.ts';
import type { Fields } from './pod-security-forms.ts';
import { containersIn, merged, withContainers, withSpec } from './pod-security-pod.ts';
import type { Container, Pod } from './pod-security-pod.ts';

export function valid(pod: Pod): Pod {
  return [fitOs, fitHostProcess, fitUsers, fitNetwork, fitPrivileges, fitHooks, fitAnnotations].reduce(
    (fitted, fit) => fit(fitted),
    pod,
  );
}

/** Windows knows none of what Linux has, and the other way round. */
function fitOs(pod: Pod): Pod {
  if (pod.spec.os?.name === 'linux') return withContexts(pod, { windowsOptions: undefined });
  if (pod.spec.os?.name !== 'windows') return pod;
  const only = (context: Fields = {}): Fields => ({
    runAsNonRoot: context['runAsNonRoot'],
    windowsOptions: context['windowsOptions'],
  });
  const spec = { hostPID: undefined, hostIPC: undefined, hostUsers: undefined };
  const fitted = withContainers(withSpec(pod, spec), (one) => ({
    ...one,
    securityContext: only(one.securityContext),
  }));
  return { ...fitted, spec: { ...fitted.spec, securityContext: only(pod.spec.securityContext) } };
}

/** All containers or none, and in the node's network. */
function fitHostProcess(pod: Pod): Pod {
  const ofPod = hostProcessOf(contextOf(pod));
  if (!ofPod && !containersIn(pod).some((one) => hostProcessOf(one.securityContext))) return pod;
  const fitted = withContainers(pod, (one) => {
    const hostProcess = ofPod && !hostProcessOf(one.securityContext) ? undefined : true;
    return merged(one, { securityContext: { procMount: undefined, windowsOptions: { hostProcess } } });
  });
  const securityContext = ofPod ? {} : { windowsOptions: { hostProcess: undefined } };
  return withSpec(fitted, { hostNetwork: true, hostUsers: undefined, securityContext });
}

const contextOf = (pod: Pod): Fields => pod.spec.securityContext ?? {};

const hostProcessOf = (context: Fields = {}): boolean =>
  (context['windowsOptions'] as Fields | undefined)?.['hostProcess'] === true;

/** An unmasked /proc needs a user namespace, and that goes with no namespace of the node. */
function fitUsers(pod: Pod): Pod {
  const isUnmasked = containersIn(pod).some((one) => one.securityContext?.['procMount'] === 'Unmasked');
  const fitted = isUnmasked ? withSpec(pod, { hostUsers: false }) : pod;
  if (fitted.spec.hostUsers !== false) return fitted;
  return withSpec(fitted, { hostNetwork: undefined, hostPID: undefined, hostIPC: undefined });
}

function fitNetwork(pod: Pod): Pod {
  const { hostNetwork, hostIPC } = pod.spec;
  return hostNetwork || hostIPC ? withSpec(pod, { securityContext: { sysctls: undefined } }) : pod;
}

/** Nobody is privileged without escalation. */
function fitPrivileges(pod: Pod): Pod {
  return withContainers(pod, (one) => {
    const { privileged, capabilities } = (one.securityContext ?? {}) as {
      privileged?: boolean;
      capabilities?: { add?: readonly string[] };
    };
    const mayEscalate = privileged || capabilities?.add?.includes('CAP_SYS_ADMIN');
    if (!mayEscalate || one.securityContext?.['allowPrivilegeEscalation'] !== false) return one;
    return merged(one, { securityContext: { allowPrivilegeEscalation: undefined } });
  });
}

/** A container that ends is not probed. */
function fitHooks(pod: Pod): Pod {
  const ending = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const none = {
    livenessProbe: undefined,
    readinessProbe: undefined,
    startupProbe: undefined,
    lifecycle: undefined,
  };
  return withContainers(pod, (one) => (ending.includes(one) ? merged(one, none) : one));
}

/** An annotation is there for a container that exists, and says nothing else than a field. */
function fitAnnotations(pod: Pod): Pod {
  const kept = Object.entries(pod.metadata.annotations ?? {}).filter(([key, value]) => {
    if (key === seccompOfPod) return saysTheSame(value, contextOf(pod)['seccompProfile']);
    const of = (prefix: string) => containersIn(pod).find((one) => key === `${prefix}${one.name}`);
    const annotated = of(seccompOfContainer) ?? of(appArmorOfContainer);
    if (annotated === undefined) return key.startsWith(seccompOfContainer);
    return fits(pod, annotated, key.startsWith(seccompOfContainer), value);
  });
  return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(kept) } };
}

function fits(pod: Pod, one: Container, isSeccomp: boolean, value: string): boolean {
  const field = isSeccomp ? 'seccompProfile' : 'appArmorProfile';
  const own = one.securityContext?.[field];
  return saysTheSame(value, isSeccomp ? own : (own ?? contextOf(pod)[field]));
}

function saysTheSame(annotation: string, profile: unknown): boolean {
  if (profile === undefined) return true;
  const { type, localhostProfile } = profile as { type: string; localhostProfile?: string };
  if (type === 'Localhost') return annotation === `localhost/${localhostProfile}`;
  return annotation === (type === 'Unconfined' ? 'unconfined' : 'runtime/default');
}

/** At both levels. */
function withContexts(pod: Pod, change: Fields): Pod {
  const fitted = withContainers(pod, (one) => merged(one, { securityContext: change }));
  return withSpec(fitted, { securityContext: change });
}
