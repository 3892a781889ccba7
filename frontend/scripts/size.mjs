/** Holds the sizes of the package and of the demo against their budgets: bytes after gzip, React left outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = new URL('..', import.meta.url).pathname;
const lib = join(root, 'dist-lib');
const KB = 1024;
const gzip = (data) => gzipSync(data, { level: 9 }).length;

/** Bundles what an application would write; the bytes loaded at once and those loaded later. */
async function bundle(code) {
  const entry = 'app.js';
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    root,
    plugins: [
      {
        name: 'application',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: entry, external: [/^react($|\/)/, /^react-dom($|\/)/] },
    },
  });
  const parts = output.filter((part) => part.type === 'chunk');
  const atOnce = new Set();
  const follow = (name) => {
    const part = parts.find((one) => one.fileName === name);
    if (!part || atOnce.has(part)) return;
    atOnce.add(part);
    for (const next of part.imports) follow(next);
  };
  for (const part of parts) if (part.isEntry) follow(part.fileName);
  const sum = (isNow) =>
    parts.filter((part) => atOnce.has(part) === isNow).reduce((bytes, part) => bytes + gzip(part.code), 0);
  return { now: sum(true), later: sum(false) };
}

const client = await bundle(
  `import { createChatClient } from '${lib}/client/index.js'; console.log(createChatClient);`,
);
const page = await bundle(
  `import { ChatButton, ChatProvider } from '${lib}/react/index.js'; console.log(ChatButton, ChatProvider);`,
);
const html = readFileSync(join(root, 'dist/index.html'), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
const demo = first.reduce((sum, path) => sum + gzip(readFileSync(join(root, 'dist', path))), gzip(html));
const demoParts = readdirSync(join(root, 'dist/assets')).length;

const rows = [
  ['client', client.now, 14],
  ['ChatButton + ChatProvider, without the client', page.now - client.now, 3],
  ['window, loaded when it is wanted', page.later, 32],
  ['styles.css', gzip(readFileSync(join(lib, 'styles.css'))), 6],
  [`demo with React, first load (of ${demoParts} parts)`, demo, 95],
];
let isOver = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget * KB;
  isOver ||= over;
  console.log(`${over ? 'OVER' : 'ok  '} ${(bytes / KB).toFixed(2).padStart(6)} of ${budget} kB  ${name}`);
}
process.exit(isOver ? 1 : 0);
