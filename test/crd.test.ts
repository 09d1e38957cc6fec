// Holds the types of src/engine/model/ and the schema of crds/ together. The compiler proves that the shapes below are the
// types, field for field and word for word; the tests prove that the schema knows every field and word of the shapes.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import type { RiskCode } from '../src/engine/model/image.ts';
import { diagnosisApiVersion, type Diagnosis, type DiagnosisStatus } from '../src/engine/model/diagnosis.ts';

/** A type as data: an optional field's name ends in `?`, a list holds one element, a union lists all its words. */
type Shape<T> = [T] extends [boolean]
  ? 'boolean'
  : [T] extends [number]
    ? 'number'
    : [T] extends [string]
      ? string extends T
        ? 'string'
        : Record<T, 'word'>
      : [T] extends [boolean | number | string]
        ? 'scalar'
        : T extends readonly (infer Element)[]
          ? readonly [Shape<Element>]
          : {
              readonly [Key in keyof T & string as object extends Pick<T, Key> ? `${Key}?` : Key]-?: Shape<
                Exclude<T[Key], undefined>
              >;
            };

const specShape = {
  workloadRef: { apiVersion: 'string', kind: 'string', name: 'string' },
} as const satisfies Shape<Diagnosis['spec']>;

const causeShape = {
  RunAsUserIsRoot: 'word',
  NonNumericUser: 'word',
  ImageRunsAsRoot: 'word',
  InvalidImageUID: 'word',
  WindowsAdministrator: 'word',
  UserNotInImage: 'word',
  PodSecurityViolation: 'word',
  NonRootPermissionDenied: 'word',
} as const satisfies Shape<DiagnosisStatus['cause']>;

const riskShape = {
  RootOwnedPath: 'word',
  EntrypointNotExecutable: 'word',
  PrivilegedPort: 'word',
  FileCapabilities: 'word',
  SwitchesUser: 'word',
  NoPasswdEntry: 'word',
  NotChecked: 'word',
} as const satisfies Shape<RiskCode>;

const containerShape = {
  name: 'string',
  type: { Container: 'word', InitContainer: 'word', Sidecar: 'word', EphemeralContainer: 'word' },
} as const;

const certaintyShape = { Certain: 'word', TestFirst: 'word', Template: 'word' } as const;

const statusShape = {
  observedGeneration: 'number',
  state: { Failing: 'word', NotReady: 'word', Resolved: 'word' },
  workload: 'string',
  cause: causeShape,
  summary: 'string',
  pods: { failing: 'number', total: 'number', summary: 'string' },
  firstSeenTime: 'string',
  'resolvedTime?': 'string',
  ownerIncomplete: 'boolean',
  findings: [
    {
      cause: causeShape,
      container: containerShape,
      message: 'string',
      'predicted?': 'boolean',
      'family?': 'string',
      'path?': 'string',
      'paths?': ['string'],
      'attempt?': { read: 'word', write: 'word', makeDirectory: 'word', rawSocket: 'word' },
      'unconfirmed?': 'boolean',
      'port?': 'number',
      'violations?': [
        {
          reason: 'string',
          detail: 'string',
          'level?': { baseline: 'word', restricted: 'word' },
          'pod?': 'boolean',
          'containers?': ['string'],
        },
      ],
      settings: [
        { level: { Pod: 'word', Container: 'word' }, field: 'string', value: 'scalar', setBy: 'string' },
      ],
      image: {
        reference: 'string',
        'digest?': 'string',
        'digestFrom?': { spec: 'word', node: 'word', podStatus: 'word', registry: 'word' },
        'user?': 'string',
        'uid?': 'number',
        'gid?': 'number',
        'userGroup?': 'number',
        resolution: {
          Resolved: 'word',
          NotInImage: 'word',
          Invalid: 'word',
          Unreadable: 'word',
          NotNeeded: 'word',
          NotAttempted: 'word',
        },
        'trouble?': 'string',
        'detail?': 'string',
        'volumes?': ['string'],
        'base?': {
          'name?': 'string',
          makesUsersWith: { useradd: 'word', adduser: 'word', shell: 'word', none: 'word' },
          freeId: 'number',
        },
        'droppedUser?': { name: 'string', uid: 'number', gid: 'number', detail: 'string' },
      },
      'risks?': [{ code: riskShape, detail: 'string' }],
    },
  ],
  impact: {
    'desired?': 'number',
    'ready?': 'number',
    nodes: ['string'],
    'services?': ['string'],
    'ingresses?': ['string'],
    'disruptionBudgets?': ['string'],
    'autoscalers?': ['string'],
    'sameImage?': ['string'],
    'unread?': ['string'],
    'stuckSince?': 'string',
  },
  'podSecurity?': {
    'enforce?': 'string',
    'warn?': 'string',
    'audit?': 'string',
    refusedAtRestricted: ['string'],
  },
  'fix?': {
    type: { WorkloadPatch: 'word', ImageChange: 'word', Recreate: 'word', Manual: 'word' },
    certainty: certaintyShape,
    'digest?': 'string',
    'hardenedDigest?': 'string',
    summary: 'string',
    'patch?': 'string',
    'hardenedPatch?': 'string',
    'hardenedCertainty?': certaintyShape,
    'alternatives?': [
      { summary: 'string', 'certainty?': certaintyShape, 'patch?': 'string', 'lines?': 'string' },
    ],
    'dockerfile?': 'string',
    'dockerfileCertainty?': certaintyShape,
    'command?': 'string',
    'checks?': [
      {
        name: { KubeletUser: 'word', PodSecurity: 'word', OpenShiftRange: 'word', DryRun: 'word' },
        result: { Passed: 'word', Failed: 'word', Skipped: 'word' },
        message: 'string',
      },
    ],
    'managedBy?': {
      tool: { ArgoCD: 'word', Flux: 'word', Helm: 'word', Operator: 'word' },
      name: 'string',
      'namespace?': 'string',
    },
    'followUp?': ['string'],
  },
  'previous?': [
    {
      cause: causeShape,
      container: containerShape,
      message: 'string',
      firstSeenTime: 'string',
      endedTime: 'string',
    },
  ],
  conditions: [
    {
      type: { Diagnosed: 'word', ImageInspected: 'word', FixChecked: 'word', Resolved: 'word' },
      status: { True: 'word', False: 'word' },
      reason: 'string',
      message: 'string',
      lastTransitionTime: 'string',
      observedGeneration: 'number',
    },
  ],
} as const satisfies Shape<DiagnosisStatus>;

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
};

type Crd = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly categories?: readonly string[];
    };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly additionalPrinterColumns: readonly { readonly name: string; readonly jsonPath: string }[];
        readonly schema: { readonly openAPIV3Schema: Schema };
      },
    ];
  };
};

const crd: Crd = parse(
  readFileSync(new URL('../crds/rootcause.dev_diagnoses.yaml', import.meta.url), 'utf8'),
);
const [version] = crd.spec.versions;
const { spec, status } = version.schema.openAPIV3Schema.properties ?? {};

type AnyShape = string | readonly [AnyShape] | { readonly [field: string]: AnyShape };

/** Every way in which a value of this shape might be refused by the schema, or pruned, as `path: why`. */
function disagreements(shape: AnyShape, schema: Schema | undefined, path: string): string[] {
  if (schema === undefined) return [`${path}: not in the schema`];
  if (typeof shape === 'string') return leafDisagreements(shape, schema, path);
  if (Array.isArray(shape))
    return typeDisagreements('array', schema, path).concat(
      disagreements(shape[0], schema.items, `${path}[]`),
    );
  const fields = Object.entries(shape);
  if (fields.every(([, field]) => field === 'word'))
    return fields.flatMap(([word]) => (schema.enum?.includes(word) ? [] : [`${path}: no word ${word}`]));
  const always = new Set(fields.map(([field]) => field).filter((field) => !field.endsWith('?')));
  const missing = (schema.required ?? []).filter((field) => !always.has(field));
  return [
    ...typeDisagreements('object', schema, path),
    ...missing.map((field) => `${path}.${field}: required by the schema only`),
    ...fields.flatMap(([field, inner]) => {
      const name = field.replace('?', '');
      return disagreements(inner, schema.properties?.[name], `${path}.${name}`);
    }),
  ];
}

const leafTypes: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'integer',
  boolean: 'boolean',
};

function leafDisagreements(shape: string, schema: Schema, path: string): string[] {
  if (shape === 'scalar')
    return schema['x-kubernetes-preserve-unknown-fields'] === true ? [] : [`${path}: not any scalar`];
  const isTime = /(Time|Since)$/.test(path);
  return [
    ...typeDisagreements(leafTypes[shape] ?? shape, schema, path),
    ...(schema.enum ? [`${path}: the schema allows certain words only`] : []),
    ...(isTime && schema.format !== 'date-time' ? [`${path}: not a date-time`] : []),
  ];
}

function typeDisagreements(type: string, schema: Schema, path: string): string[] {
  return schema.type === type ? [] : [`${path}: ${schema.type ?? 'no type'} where the type says ${type}`];
}

describe('the types and the schema', () => {
  test('agree on spec', () => {
    expect(disagreements(specShape, spec, 'spec')).toEqual([]);
  });

  test('agree on status', () => {
    expect(disagreements(statusShape, status, 'status')).toEqual([]);
  });

  test('are compared at all: each kind of difference is noticed', () => {
    const schema: Schema = {
      type: 'object',
      required: ['a', 'extra'],
      properties: {
        a: { type: 'string' },
        word: { type: 'string', enum: ['One'] },
        seenTime: { type: 'string' },
        list: { type: 'array', items: { type: 'integer' } },
      },
    };
    const shape: AnyShape = {
      'a?': 'string',
      word: { One: 'word', Two: 'word' },
      seenTime: 'string',
      list: ['string'],
      unknown: { deep: 'number' },
    };
    expect(disagreements(shape, schema, 'x')).toEqual([
      'x.a: required by the schema only',
      'x.extra: required by the schema only',
      'x.word: no word Two',
      'x.seenTime: not a date-time',
      'x.list[]: integer where the type says string',
      'x.unknown: not in the schema',
    ]);
  });

  test('agree on group, version and name', () => {
    expect(`${crd.spec.group}/${version.name}`).toBe(diagnosisApiVersion);
    expect(crd.metadata.name).toBe(`${crd.spec.names.plural}.${crd.spec.group}`);
  });
});

/** Every schema below this one, with its path. */
function* walk(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  yield [path, schema];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* walk(inner, `${path}.${name}`);
  if (schema.items) yield* walk(schema.items, `${path}[]`);
}

describe('the schema', () => {
  const written = [...walk(spec ?? {}, 'spec'), ...walk(status ?? {}, 'status')];

  test('describes every field', () => {
    expect(written.length).toBeGreaterThan(100);
    expect(written.filter(([, schema]) => !schema.description).map(([path]) => path)).toEqual([]);
  });

  test('bounds every string and every list', () => {
    const unbounded = written.filter(
      ([, { type, format, maxLength, maxItems, enum: words }]) =>
        (type === 'string' && !words && format !== 'date-time' && maxLength === undefined) ||
        (type === 'array' && maxItems === undefined),
    );
    expect(unbounded.map(([path]) => path)).toEqual([]);
  });

  test('has every field that a printer column shows', () => {
    const known = new Set(written.map(([path]) => path));
    const shown = version.additionalPrinterColumns.map((column) => column.jsonPath);
    const unknown = shown.filter((path) => !known.has(path.slice(1).replaceAll('[0]', '[]')));
    expect(unknown).toEqual(['.metadata.creationTimestamp']);
  });

  test('does not put diagnoses into `kubectl get all`', () => {
    expect(crd.spec.names.categories ?? []).not.toContain('all');
  });
});

/** The same schema, but refusing the fields that an API server would silently drop. */
function strict(schema: Schema): object {
  const { properties, items, ...rest } = schema;
  return {
    ...rest,
    ...(items && { items: strict(items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, strict(inner)]),
      ),
      additionalProperties: false,
    }),
  };
}

const example = {
  observedGeneration: 1,
  state: 'Failing',
  workload: 'Deployment/web',
  cause: 'RunAsUserIsRoot',
  summary: 'Container app cannot start: the workload asks for uid 0 and forbids it.',
  pods: { failing: 2, total: 2, summary: '2/2' },
  firstSeenTime: '2026-11-22T01:38:35Z',
  ownerIncomplete: false,
  findings: [
    {
      cause: 'RunAsUserIsRoot',
      container: { name: 'app', type: 'Container' },
      message: "container's runAsUser breaks non-root policy",
      settings: [
        {
          level: 'Pod',
          field: 'spec.template.spec.securityContext.runAsNonRoot',
          value: true,
          setBy: 'helm',
        },
        {
          level: 'Container',
          field: 'spec.template.spec.containers[0].securityContext.runAsUser',
          value: 0,
          setBy: 'admission, unnamed',
        },
      ],
      image: { reference: 'registry.example/shop/web:1.4', user: '', resolution: 'NotNeeded' },
    },
  ],
  impact: { desired: 2, ready: 0, nodes: ['node-1'], stuckSince: '2026-11-22T01:38:30Z' },
  fix: { type: 'WorkloadPatch', certainty: 'TestFirst', summary: 'remove runAsUser 0' },
  conditions: [
    {
      type: 'Diagnosed',
      status: 'True',
      reason: 'RunAsUserIsRoot',
      message: 'The kubelet says so.',
      lastTransitionTime: '2026-11-22T01:38:35Z',
      observedGeneration: 1,
    },
  ],
} as const satisfies DiagnosisStatus;

describe('a status', () => {
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(strict(status ?? {}));

  test('as the operator writes it is accepted', () => {
    accepts(example);
    expect(accepts.errors).toBeNull();
  });

  test.each([
    ['with a cause that does not exist', { ...example, cause: 'Gremlins' }],
    ['with a field that the schema does not know', { ...example, lastSeenTime: '2026-11-22T01:38:35Z' }],
    ['without its findings', { ...example, findings: undefined }],
    [
      'with a reason that is no single word',
      { ...example, conditions: [{ ...example.conditions[0], reason: 'a b' }] },
    ],
    ['with a summary beyond all measure', { ...example, summary: 'x'.repeat(5000) }],
  ])('%s is refused', (_, wrong) => {
    expect(accepts(JSON.parse(JSON.stringify(wrong)))).toBe(false);
  });
});
