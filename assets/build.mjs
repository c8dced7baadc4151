// Builds assets/dist: one css and one js with a hash in their names, the icon, and what the API description needs.
// Every file in dist carries the hash of its content, so that the server may call it immutable.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');
const modules = path.join(here, '..', 'node_modules');

await mkdir(dist, { recursive: true });
for (const name of await readdir(dist)) {
  if (name !== '.gitkeep') await rm(path.join(dist, name), { recursive: true });
}

await build({
  absWorkingDir: here,
  entryPoints: [
    { in: 'app.css', out: 'app' },
    { in: 'js/app.js', out: 'app' },
    { in: 'js/docs.js', out: 'docs/start' },
    { in: 'docs.css', out: 'docs/start' },
  ],
  bundle: true,
  minify: true,
  charset: 'utf8',
  target: ['es2022', 'chrome120', 'firefox121', 'safari17.5'],
  legalComments: 'none',
  entryNames: '[dir]/[name]-[hash]',
  outdir: 'dist',
  logLevel: 'warning',
});

/** Copies a file under a name that carries its hash. */
async function keep(from, to) {
  const content = await readFile(from);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  const { dir, name, ext } = path.parse(path.join(dist, to));
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, `${name}-${hash}${ext}`), content);
}

await keep(path.join(here, 'brand', 'favicon.svg'), 'favicon.svg');
await keep(path.join(modules, 'swagger-ui-dist', 'swagger-ui.css'), 'docs/swagger-ui.css');
await keep(path.join(modules, 'swagger-ui-dist', 'swagger-ui-bundle.js'), 'docs/swagger-ui-bundle.js');
