// Where only the image knows the number: `runAsUser` comes first, since few people build the image that fails; then the Dockerfile.

import type { Cause } from '../../model/cause.ts';
import type { Finding } from '../../model/finding.ts';
import type { Alternative, Fix } from '../../model/fix.ts';
import type { Placeholder } from '../../model/placeholder.ts';
import { listOf } from '../../platform/kubernetes/pod-containers.ts';

const ofImage: ReadonlySet<Cause> = new Set(['ImageRunsAsRoot', 'NonNumericUser', 'UserNotInImage']);

/** A text with a Dockerfile comes from who builds the image. */
export const isOwnImage = (lines: readonly string[]): boolean =>
  lines.some((line) => /^\s*FROM\s+\S+/.test(line)) &&
  lines.some((line) => /^\s*(?:RUN|COPY|ADD|CMD|ENTRYPOINT|WORKDIR)\s/.test(line));

/** @param path of the pod template in the object, without its spec; empty where that is not known */
export function userFirst(
  fix: Fix,
  findings: readonly Finding[],
  path: readonly string[],
  isOwn: boolean,
): Fix {
  if (fix.type === 'Manual' && fix.alternatives.length === 0) return withTemplates(fix, findings, path);
  const own = findings.filter(({ cause, family }) => ofImage.has(cause) && family !== 'userns-unmapped');
  const isOpen = fix.type === 'ImageChange' && fix.dockerfile?.certainty === 'Template';
  if (own.length === 0 || !isOpen) return fix;
  const templates = own.map((finding) => numberTemplate(finding, path));
  const [first] = templates;
  const alternatives = [...templates, ...fix.alternatives.filter(({ summary }) => !isOfSame(summary, own))];
  return isOwn || !first
    ? { ...fix, alternatives }
    : { ...fix, type: 'Manual', certainty: 'Template', summary: first.summary, alternatives };
}

/** Without its `runAsUser: 0` a container may need another number. */
function withTemplates(fix: Fix, findings: readonly Finding[], path: readonly string[]): Fix {
  const roots = findings.filter(
    ({ cause, settings }) => cause === 'RunAsUserIsRoot' && !isAdmitted(settings),
  );
  return roots.length === 0 ? fix : { ...fix, alternatives: roots.map((one) => numberTemplate(one, path)) };
}

/** A webhook would set it again. */
const isAdmitted = (settings: Finding['settings']): boolean =>
  settings.some(({ field, setBy }) => field.endsWith('.runAsUser') && setBy.is === 'admission');

/** The operator offers the Dockerfile of the other containers. */
const isOfSame = (summary: string, findings: readonly Finding[]): boolean =>
  findings.some(({ container }) => summary.startsWith(`container ${container.name}: `));

/** The number of the image's user; nothing else may stand there. */
function numberTemplate(
  { cause, container: { name, type }, image: { user } }: Finding,
  path: readonly string[],
): Alternative {
  const [account] = user?.split(':') ?? [];
  const isNamed = cause === 'NonNumericUser' && account !== 'root' && account !== undefined;
  const runAsUser: Placeholder = { fillIn: isNamed ? `uid of ${account}` : 'uid' };
  const container = name === '<container>' ? { fillIn: 'container' } : name;
  const spec = { [listOf[type]]: [{ name: container, securityContext: { runAsUser } }] };
  return {
    summary: `runAsUser <${runAsUser.fillIn}> for ${name === '<container>' ? 'the container' : `container ${name}`}`,
    certainty: 'Template',
    example: path.reduceRight<Readonly<Record<string, unknown>>>((inner, part) => ({ [part]: inner }), {
      spec,
    }),
  };
}
