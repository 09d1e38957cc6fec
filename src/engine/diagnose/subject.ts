// What a rule gets to see: one container that the kubelet refuses, and nothing by which it could blame another.

import type { Finding, ImageFacts, Setting } from '../model/finding.ts';
import type { Container, Pod, SecuritySettings, Template } from '../model/pod.ts';
import type { ContainerFailure } from './witnesses/container-failure.ts';

export type Subject = {
  readonly failure: ContainerFailure;
  readonly container: Pick<Container, 'name' | 'type' | 'image' | 'security'>;
  /** The pod's own settings, which stand in for those that the container lacks. */
  readonly podSecurity: SecuritySettings;
  /** What the workload declares; absent where it could not be read. */
  readonly declared?: Declared;
};

type Declared = {
  /** Path of the pod spec inside the workload. */
  readonly path: string;
  readonly podSecurity: SecuritySettings;
  /** Absent where the template does not have the container. */
  readonly containerSecurity?: SecuritySettings;
};

export function subjectOf(
  failure: ContainerFailure,
  container: Container,
  pod: Pod,
  template: Template | undefined,
): Subject {
  const { name, type, image, security } = container;
  return {
    failure,
    container: { name, type, image, security },
    podSecurity: pod.security,
    ...(template && { declared: declaredIn(template, container) }),
  };
}

function declaredIn(template: Template, { name, type }: Container): Declared {
  const declared = template.containers.find(
    (candidate) => candidate.name === name && candidate.type === type,
  );
  return {
    path: template.path,
    podSecurity: template.security,
    ...(declared && { containerSecurity: declared.security }),
  };
}

/** The finding about a subject, once a rule has said which settings decide and what is known of the image. */
export function findingAbout(
  { failure, container }: Subject,
  settings: readonly Setting[],
  image: Pick<ImageFacts, 'resolution' | 'detail'>,
): Finding {
  return {
    cause: failure.cause,
    container: { name: container.name, type: container.type },
    message: failure.sentence,
    ...(failure.family !== undefined && { family: failure.family }),
    ...(failure.path !== undefined && { path: failure.path }),
    ...(failure.port !== undefined && { port: failure.port }),
    settings,
    image: {
      reference: container.image,
      ...(failure.user !== undefined && { user: failure.user }),
      ...image,
    },
  };
}

export const unreadImage = {
  resolution: 'NotAttempted',
  detail: 'the image has not been read',
} as const satisfies Partial<ImageFacts>;
