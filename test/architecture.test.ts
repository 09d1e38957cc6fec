// Holds the architecture: which folders there are, which way imports point, and what a pure folder may touch.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Why each folder may import what it may. A folder that is not here does not exist. Inside the engine each folder is a
 * layer of its own; `engine` in a row outside it stands for all of them.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'engine/model': [], // the vocabulary stands on nothing
  'engine/platform/data': [], // reads data that may have any shape, and makes text safe to print
  'engine/platform': ['engine/model'], // what others would do: the kubelet's rule
  'engine/redact': ['engine/model', 'engine/platform'], // takes secrets out of text
  'engine/messages': ['engine/model', 'engine/platform', 'engine/redact'], // text to typed data
  'engine/project': ['engine/model', 'engine/platform', 'engine/redact'], // objects to parts of a Snapshot
  'engine/diagnose': ['engine/model', 'engine/platform', 'engine/messages'], // a witness never sees a client
  'engine/fix': ['engine/model', 'engine/platform', 'engine/diagnose'], // cures, and what proves them
  'engine/report': ['engine/model', 'engine/platform', 'engine/fix'], // words for findings
  'engine/plan': ['engine/model', 'engine/platform', 'engine/report'], // decides what to do, never does it
  'engine/judge.ts': ['engine/model', 'engine/diagnose', 'engine/fix', 'engine/report'],
  'engine/settle.ts': ['engine/model', 'engine/diagnose', 'engine/fix', 'engine/judge.ts'], // asks until no answer is left
  'engine/explain': [
    'engine/model',
    'engine/platform',
    'engine/redact',
    'engine/messages',
    'engine/project',
    'engine/diagnose',
    'engine/fix',
    'engine/report',
    'engine/judge.ts',
    'engine/settle.ts',
  ], // pasted text to failures and remedies
  net: ['engine/platform/data'], // what both boundaries stand on
  kube: ['net', 'engine/platform/data'], // speaks the API and knows nothing of diagnoses
  registry: ['net', 'engine/model', 'engine/platform'], // opens images, and knows nothing of clusters
  observe: ['engine', 'net', 'kube'], // gathers, and does not judge
  apply: ['engine/model', 'kube'], // acts, and does not decide
  telemetry: ['net'], // every metric, the log
  images: ['engine', 'net', 'kube', 'registry', 'observe'], // an image question answered from both boundaries
  operator: ['engine', 'net', 'kube', 'registry', 'observe', 'images', 'apply', 'telemetry'], // the loop
  scan: ['engine', 'net', 'kube', 'observe', 'images'], // the same once, without acting
  commands: ['engine', 'net', 'kube', 'registry', 'images', 'operator', 'scan', 'telemetry'], // flags, wiring, exit codes
  'main.ts': ['commands'],
};

const isPure = (folder: string): boolean => folder.startsWith('engine/');
const purePackages = ['yaml', 'diff', '@noble/hashes'];
/** A reader finds nothing in a longer list. Tests beside the code do not count. */
const mostFilesInAFolder = 20;

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

/** The row that a file belongs to: the longest that its path starts with; without one, its first folder. */
function folderOf(path: string): string {
  const name = relative(join(root, 'src'), path);
  const rows = Object.keys(mayImport).filter((row) => name === row || name.startsWith(`${row}/`));
  return rows.toSorted((a, b) => b.length - a.length)[0] ?? name.split('/')[0] ?? '';
}

const sources: readonly SourceFile[] = filesUnder(join(root, 'src')).map((path) => ({
  path: relative(root, path),
  folder: folderOf(path),
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

/** Paths of the files that a file imports. */
function filesImportedBy(source: SourceFile): readonly string[] {
  return importsOf(source)
    .filter((specifier) => specifier.startsWith('.') && specifier.endsWith('.ts'))
    .map((specifier) => relative(root, resolve(root, dirname(source.path), specifier)));
}

const isAllowed = (from: string, to: string): boolean =>
  [from, ...(mayImport[from] ?? [])].some((allowed) => to === allowed || to.startsWith(`${allowed}/`));

/** Files that can be reached from one another, by Tarjan's algorithm; only groups of two or more. */
function circles(): readonly string[] {
  const imports = new Map(code.map((source) => [source.path, filesImportedBy(source)]));
  const found: string[] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string): number => {
    const index = order.size;
    order.set(path, index);
    let lowest = index;
    stack.push(path);
    for (const next of imports.get(path) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next) ?? lowest);
    }
    low.set(path, lowest);
    if (lowest === index) {
      const group = stack.splice(stack.indexOf(path));
      if (group.length > 1) found.push(group.toSorted().join(' ↔ '));
    }
    return lowest;
  };
  for (const path of imports.keys()) if (!order.has(path)) visit(path);
  return found;
}

describe('architecture', () => {
  test('knows every folder, so that no drawer can appear', () => {
    const found = new Set(sources.map(({ folder }) => folder));
    expect([...found].toSorted()).toEqual(Object.keys(mayImport).toSorted());
  });

  test('imports point down only', () => {
    const wrong = code.flatMap((source) =>
      filesImportedBy(source)
        .filter((target) => !isAllowed(source.folder, folderOf(join(root, target))))
        .map((target) => `${source.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no type name is declared twice, so that a word has one meaning', () => {
    const names = code.flatMap(({ text }) =>
      [...text.matchAll(/^(?:export )?type (\w+)/gm)].map(([, name = '']) => name),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('files make no circle', () => {
    expect(circles()).toEqual([]);
  });

  test(`no folder holds more than ${mostFilesInAFolder} files`, () => {
    const counts = new Map<string, number>();
    for (const { path } of code) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > mostFilesInAFolder)).toEqual([]);
  });

  test('nobody imports main.ts, not even a test', () => {
    const wrong = sources.filter((source) =>
      importsOf(source).some((specifier) => specifier.endsWith('main.ts')),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('pure folders touch no clock, chance, process, timer, network or console', () => {
    const wrong = code
      .filter(({ folder }) => isPure(folder))
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
      .filter(({ folder }) => isPure(folder))
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
      .filter(({ folder, path }) => !allowed.includes(folder) && path !== 'src/commands/operator.ts')
      .filter((source) => importsOf(source).some((specifier) => network.test(specifier)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('a command loads only what it needs: none of kube/, registry/ or pino before it runs', () => {
    const loaded = new Set<string>();
    const load = (path: string): void => {
      if (loaded.has(path)) return;
      loaded.add(path);
      const source = code.find((each) => each.path === path);
      for (const [, typeOnly, specifier = ''] of source?.text.matchAll(
        /^(?:import|export) (type )?[^;]*?from '([^']+)'/gm,
      ) ?? [])
        if (!typeOnly) load(specifier.startsWith('.') ? join(dirname(path), specifier) : specifier);
    };
    load('src/main.ts');
    const needed =
      /^(node:|commander$|package.json$|src\/(main\.ts|commands\/[^/]+\.ts|commands\/flags\/|engine\/platform\/))/;
    expect([...loaded].filter((path) => !needed.test(path))).toEqual([]);
  });

  test('only commands/ reads arguments and the environment', () => {
    const wrong = code.filter(
      ({ folder, text }) => !['commands', 'main.ts'].includes(folder) && /\bprocess\.(env|argv)\b/.test(text),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('resourceVersion stays inside kube/', () => {
    const wrong = code.filter(({ folder, text }) => folder !== 'kube' && /\bresourceVersion\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('the map in ARCHITECTURE.md names every folder', () => {
    const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const names = Object.keys(mayImport).map((folder) => folder.split('/').at(-1) ?? '');
    const missing = names.filter((name) => !page.includes(name.endsWith('.ts') ? name : `${name}/`));
    expect(missing).toEqual([]);
    expect(page.split('\n').length).toBeLessThan(200);
  });
});
