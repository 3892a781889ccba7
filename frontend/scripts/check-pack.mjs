/** Looks at the package as the people who install it will: entries, types, React left out, imports without a browser. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });

run('npx', 'publint', '--strict');
const archive = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
);
const [{ filename }] = Array.isArray(archive) ? archive : Object.values(archive);
try {
  run('npx', 'attw', filename, '--profile', 'esm-only', '--exclude-entrypoints', 'styles.css');
} finally {
  rmSync(join(root, filename));
}

// Nothing but React itself may bring React: an application without it can use the client.
const reached = new Set();
const follow = (file) => {
  if (reached.has(file)) return;
  reached.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, path] of text.matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g)) {
    if (/^react(-dom)?($|\/)/.test(path)) throw new Error(`${file} imports ${path}`);
    if (path.startsWith('.')) follow(join(file, '..', path));
  }
};
follow(join(root, 'dist-lib/client/index.js'));

// Rendering on a server only imports; no entry may touch the window for that.
for (const entry of ['react/index', 'client/index', 'react/ChatButton', 'react/ChatModal'])
  await import(`../dist-lib/${entry}.js`);

const sources = readdirSync(join(root, 'dist-lib'), { recursive: true }).filter((name) =>
  name.endsWith('.js'),
);
for (const name of sources) {
  const text = readFileSync(join(root, 'dist-lib', name), 'utf8');
  if (/innerHTML\s*=|dangerouslySetInnerHTML|\beval\(/.test(text)) throw new Error(`${name} writes HTML`);
}
console.log('The package is in order.');
