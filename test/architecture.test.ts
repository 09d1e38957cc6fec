// Holds the architecture: which folders there are, which way imports point, and what a pure folder may touch.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Why each folder may import what it may. A folder that is not here does not exist. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [], // the vocabulary stands on nothing
  platform: ['model'], // what others would do: the kubelet's rule
  redact: ['model', 'platform'], // takes secrets out of text
  diagnose: ['model', 'platform', 'redact'], // a rule never sees a client
  plan: ['model', 'platform'], // decides what to do, never does it
  report: ['model', 'platform'], // words for findings
  registry: ['model', 'platform'], // speaks to registries and opens images, and knows nothing of clusters
  kube: [], // speaks the API and knows nothing of diagnoses
  observe: ['model', 'platform', 'redact', 'kube'], // gathers, and does not judge
  apply: ['model', 'kube'], // acts, and does not decide
  cli: ['model', 'platform', 'redact', 'diagnose', 'plan', 'registry', 'report'], // views: they cannot act
  telemetry: [], // every metric, the log
  control: [
    'model',
    'platform',
    'redact',
    'diagnose',
    'plan',
    'report',
    'kube',
    'registry',
    'observe',
    'apply',
    'telemetry',
  ], // alone sees all sides
};

/** Files beside the folders. Nobody imports main.ts; control may read the types of config.ts. */
const topFiles = ['main.ts', 'config.ts'];

const pure = ['model', 'platform', 'redact', 'diagnose', 'plan', 'report'];
const purePackages = ['yaml', 'diff', '@noble/hashes'];

/** What would make an answer depend on when and where it was computed. */
const impurities =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\bfetch\(|\bconsole\.|\bperformance\.|['"]node:|\bBuffer\b/;

type SourceFile = {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly isTest: boolean;
};

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

const sources: readonly SourceFile[] = filesUnder(join(root, 'src')).map((path) => ({
  path: relative(root, path),
  folder:
    relative(join(root, 'src'), path).split('/').length > 1
      ? (relative(join(root, 'src'), path).split('/')[0] ?? '')
      : '',
  text: readFileSync(path, 'utf8'),
  isTest: path.endsWith('.test.ts'),
}));

const code = sources.filter(({ isTest }) => !isTest);

function importsOf({ text }: SourceFile): readonly string[] {
  return [
    ...text.matchAll(
      /^(?:import|export)\b[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The folder in src/ that a relative import leads to; `main.ts` or `config.ts` for a file beside the folders. */
function targetOf(source: SourceFile, specifier: string): string {
  const path = relative(join(root, 'src'), resolve(root, dirname(source.path), specifier));
  return path.split('/')[0] ?? '';
}

describe('architecture', () => {
  test('knows every folder, so that no drawer can appear', () => {
    const found = readdirSync(join(root, 'src')).filter((name) => !name.endsWith('.test.ts'));
    expect(found.toSorted()).toEqual([...Object.keys(mayImport), ...topFiles].toSorted());
  });

  test('imports point down only', () => {
    const wrong = code.flatMap((source) =>
      importsOf(source)
        .filter((specifier) => specifier.startsWith('.') && source.folder !== '')
        .map((specifier) => targetOf(source, specifier))
        .filter((target) => target !== source.folder && !mayImport[source.folder]?.includes(target))
        .filter((target) => !(['control', 'cli'].includes(source.folder) && target === 'config.ts'))
        .map((target) => `${source.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('nobody imports main.ts, not even a test', () => {
    const wrong = sources.filter((source) =>
      importsOf(source).some((specifier) => specifier.endsWith('main.ts')),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('pure folders touch no clock, chance, process, timer, network or console', () => {
    const wrong = code
      .filter(({ folder }) => pure.includes(folder))
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && impurities.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });

  test('pure folders use no package but the three that run anywhere', () => {
    const wrong = code
      .filter(({ folder }) => pure.includes(folder))
      .flatMap((source) =>
        importsOf(source)
          .filter((specifier) => !specifier.startsWith('.'))
          .filter(
            (specifier) =>
              !purePackages.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
          )
          .map((specifier) => `${source.path} imports ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('only kube/ and registry/ open connections, and only telemetry/ listens', () => {
    const network = /^(undici|node:(https?|http2|net|tls|dgram))$|^@kubernetes\/client-node/;
    const allowed = ['kube', 'registry', 'telemetry'];
    const wrong = code
      .filter(({ folder, path }) => !allowed.includes(folder) && path !== 'src/config.ts')
      .filter((source) => importsOf(source).some((specifier) => network.test(specifier)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('resourceVersion stays inside kube/', () => {
    const wrong = code.filter(({ folder, text }) => folder !== 'kube' && /\bresourceVersion\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('the map in ARCHITECTURE.md names every folder', () => {
    const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const missing = Object.keys(mayImport).filter((folder) => !page.includes(`${folder}/`));
    expect(missing).toEqual([]);
    expect(page.split('\n').length).toBeLessThan(200);
  });
});
