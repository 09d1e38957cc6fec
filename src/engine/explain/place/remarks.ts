// Settings that were pasted with a failure and contradict it, or that have no effect where they stand.

import type { Remark } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { containerNamed } from '../../platform/kubernetes/pod-containers.ts';
import type { PlacedFailure } from './placed-failure.ts';
import { misplacedIn } from './misplaced.ts';

type Pasted = {
  readonly objects: readonly unknown[];
  /** Of the texts, without the manifests in them. */
  readonly lines: readonly string[];
  readonly failures: readonly PlacedFailure[];
};

const maxRemarks = 20;

export function remarksOn({ objects, lines, failures }: Pasted): readonly Remark[] {
  const misplaced = [
    ...objects.flatMap(misplacedIn),
    ...(failures.length > 0 ? misplacedInLines(lines) : []),
  ];
  const isExplained = ({ field }: NotInForce): boolean =>
    misplaced.some((one) => one.is === 'misplaced' && one.field.endsWith(`.${field}`));
  const all = [
    ...failures
      .filter(({ failure }) => !failure.predicted)
      .flatMap((one) => notInForce(one, lines).filter((remark) => !isExplained(remark))),
    ...misplaced,
  ];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()].slice(0, maxRemarks);
}

/** The kubelet looks at the image only where neither level names a user; a runtime too. */
const ofImage: ReadonlySet<string> = new Set([
  'ImageRunsAsRoot',
  'NonNumericUser',
  'InvalidImageUID',
  'UserNotInImage',
]);

function notInForce({ failure, placed }: PlacedFailure, lines: readonly string[]): readonly NotInForce[] {
  const { cause, container, family } = failure;
  const { name } = container;
  if (cause === 'WindowsAdministrator') return looseFlag(lines, name);
  if (!ofImage.has(cause) || family === 'userns-unmapped') return [];
  const manifest = placed?.place.template.manifest;
  const own = manifest && placed && containerNamed(manifest, placed.container.name);
  const { runAsUser } = manifest && own ? effective(manifest, own) : {};
  if (runAsUser !== undefined && runAsUser > 0)
    return [
      {
        is: 'notInForce',
        field: 'runAsUser',
        value: runAsUser,
        ...present({ container: name }),
        isInManifest: true,
      },
    ];
  return [...looseUser(lines, name), ...(cause === 'UserNotInImage' ? [] : looseFlag(lines, name))];
}

/** In a snippet, in the values of a chart, in a sentence. */
const userForm = /\brunAsUser["'`]?(?:[ \t]*[:=]|[ \t])[ \t]*["'`]?([1-9]\d{0,9})\b/;
const flagForm = /\brunAsNonRoot["'`]?(?:[ \t]*[:=]|[ \t])[ \t]*["'`]?false\b/;
const maxLineLength = 1000;

function looseUser(lines: readonly string[], container: string | undefined): readonly NotInForce[] {
  const values = lines.flatMap((line) => userForm.exec(line.slice(0, maxLineLength))?.[1] ?? []);
  return [...new Set(values)].map((value) => notInText('runAsUser', Number(value), container));
}

const notInText = (
  field: NotInForce['field'],
  value: NotInForce['value'],
  container: string | undefined,
): NotInForce => ({ is: 'notInForce', field, value, ...present({ container }), isInManifest: false });

const looseFlag = (lines: readonly string[], container: string | undefined): readonly NotInForce[] =>
  lines.some((line) => flagForm.test(line.slice(0, maxLineLength)))
    ? [notInText('runAsNonRoot', false, container)]
    : [];

type NotInForce = Extract<Remark, { is: 'notInForce' }>;

/** In a snippet that is no whole manifest. */
function misplacedInLines(lines: readonly string[]): readonly Remark[] {
  const start = lines.findIndex((line) => /^\s*windowsOptions:\s*$/.test(line));
  if (start < 0) return [];
  const depth = indentOf(lines[start] ?? '');
  const below = lines.slice(start + 1);
  const end = below.findIndex((line) => line.trim() !== '' && indentOf(line) <= depth);
  return (end < 0 ? below : below.slice(0, end)).flatMap((line): readonly Remark[] => {
    const [, field] = /^\s*(runAsNonRoot|runAsUser|runAsGroup):/.exec(line) ?? [];
    return field === undefined
      ? []
      : [
          {
            is: 'misplaced',
            field: `securityContext.windowsOptions.${field}`,
            belongs: `securityContext.${field}`,
          },
        ];
  });
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
