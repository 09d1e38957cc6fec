// Bundles the whole program, its packages included, into dist/rootcause.mjs: the one file that the image and the npm
// package hold. It runs on Node 22.19 or newer, with nothing beside it.

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const outfile = 'dist/rootcause.mjs';

// An older Node would fail somewhere inside a package. Packages in CommonJS ask for Node's own modules by require(),
// which an ES module does not have.
const banner = `#!/usr/bin/env node
import { createRequire as createRequireForBundle } from 'node:module';
{
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    console.error(\`rootcause needs Node.js 22.19 or newer; this is \${process.versions.node}.\`);
    process.exit(2);
  }
}
const require = createRequireForBundle(import.meta.url);`;

/**
 * Of the Kubernetes client we use KubeConfig only, but its index also loads a class for every kind and API there is.
 * None of its modules does anything at import that we rely on (the polyfill among them is for Node 18); saying so lets
 * esbuild drop what nobody calls: most of the file, and some 40 MB of memory.
 */
const withoutGeneratedClients = {
  name: 'without-generated-clients',
  setup({ onResolve, resolve }) {
    const filter = /^@kubernetes\/client-node|^\.{1,2}\//;
    onResolve({ filter }, async ({ path, pluginData, ...from }) => {
      const ours = path.startsWith('@kubernetes/') || from.importer.includes('/@kubernetes/client-node/');
      if (!ours || pluginData === 'resolving') return undefined;
      return { ...(await resolve(path, { ...from, pluginData: 'resolving' })), sideEffects: false };
    });
  },
};

/** The licence of every package that the bundle has code of, as their licences ask for, in one comment at the end. */
async function licencesOf(inputs) {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []),
  );
  const texts = [];
  for (const folder of [...packages].toSorted()) {
    const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(`${folder}/${file}`, 'utf8') : `License: ${license}\n`;
    texts.push(`${name} ${version}\n\n${text.replaceAll('*/', '* /')}`);
  }
  return `/*\nThis file contains code of the following packages.\n\n${texts.join('\n---\n\n')}*/\n`;
}

const { outputFiles, metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  format: 'esm',
  banner: { js: banner },
  // Names stay and lines are short: a stack trace from a user's cluster has to mean something.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none',
  plugins: [withoutGeneratedClients],
  metafile: true,
  write: false,
});

const program = outputFiles[0].text + (await licencesOf(metafile.inputs));
await mkdir(dirname(outfile), { recursive: true });
await writeFile(outfile, program);
await chmod(outfile, 0o755);
console.log(`${outfile}: ${Math.ceil(program.length / 1024)} KiB`);
