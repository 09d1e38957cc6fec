// Bundles the whole program, its packages included, into dist/rootcause.mjs: the one file that the image and the npm
// package hold. It runs on Node 22.19 or newer, with nothing beside it.

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const outfile = 'dist/rootcause.mjs';

// An older Node would fail somewhere inside a package. Packages in CommonJS ask for Node's own modules by require(),
// which an ES module does not have.
const banner = `import { createRequire as createRequireForBundle } from 'node:module';
{
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    console.error(\`rootcause needs Node.js 22.19 or newer; this is \${process.versions.node}.\`);
    process.exit(2);
  }
}
const require = createRequireForBundle(import.meta.url);`;

/** The licence of every package that the bundle has code of, as they ask for, in one comment at the end. */
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

/**
 * esbuild leaves regular expressions as they are, and licences have curly quotes; with a single one of them V8 would hold
 * the whole file in two bytes for each character.
 */
function ascii(text) {
  return text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const { outputFiles, metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  banner: { js: banner },
  platform: 'node',
  target: 'node22.19',
  format: 'esm',
  // Names stay and lines are short: a stack trace from a user's cluster has to mean something.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none',
  metafile: true,
  write: false,
});

/**
 * A name that an older Node's own modules do not have would end it before the first line runs, with an error that tells
 * a person nothing.
 */
function loadedAfterTheCheck(text) {
  const named = (names) => names.replaceAll(/\s+as\s+/g, ':');
  return text.replaceAll(
    /(?<=^|[;}])import\s*(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)\s*)?(\{[^}]*\}\s*)?from\s*"([^"]+)";/gm,
    (_all, whole, all, names, module) =>
      [whole, all, names && named(names)]
        .filter(Boolean)
        .map((target) => `const ${target}=require("${module}");`)
        .join(''),
  );
}

const [head, code] = outputFiles[0].text.split(banner);
const program = ascii(head + banner + loadedAfterTheCheck(code) + (await licencesOf(metafile.inputs)));
await mkdir(dirname(outfile), { recursive: true });
await writeFile(outfile, program);
await chmod(outfile, 0o755);
console.log(`${outfile}: ${Math.ceil(program.length / 1024)} KiB`);
