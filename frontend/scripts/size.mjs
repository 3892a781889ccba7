/** Holds the sizes of the package and of the demo against their budgets: bytes after gzip, React left outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = new URL('..', import.meta.url).pathname;
const lib = join(root, 'dist-lib');
const KB = 1024;
const gzip = (data) => gzipSync(data, { level: 9 }).length;

/** Bundles what an application would write: the bytes loaded at once, with the window, and by the client later. */
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
  /** The parts that come with these, at once. */
  const closure = (names) => {
    const found = new Set();
    const follow = (name) => {
      const part = parts.find((one) => one.fileName === name);
      if (!part || found.has(part)) return;
      found.add(part);
      for (const next of part.imports) follow(next);
    };
    for (const name of names) follow(name);
    return found;
  };
  const now = closure(parts.filter((part) => part.isEntry).map((part) => part.fileName));
  const window = closure(
    parts
      .filter((part) => part.moduleIds.some((id) => id.endsWith('/react/ChatModal.js')))
      .map((part) => part.fileName),
  );
  const sum = (isMeant) => parts.filter(isMeant).reduce((bytes, part) => bytes + gzip(part.code), 0);
  return {
    now: sum((part) => now.has(part)),
    window: sum((part) => window.has(part) && !now.has(part)),
    rest: sum((part) => !window.has(part) && !now.has(part)),
  };
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
  ['client, loaded at once', client.now, 14],
  ['parts of the client, loaded when they are wanted', client.rest, 12],
  ['ChatButton + ChatProvider, without the client', page.now - client.now, 3],
  ['window, loaded when it is wanted', page.window, 32],
  ['styles.css', gzip(readFileSync(join(lib, 'styles.css'))), 6],
  [`demo with React, first load (of ${demoParts} parts)`, demo, 95],
];
let isOver = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget * KB;
  isOver ||= over;
  console.log(`${over ? 'OVER' : 'ok  '} ${(bytes / KB).toFixed(2).padStart(6)} of ${budget} kB  ${name}`);
}
console.log(
  `     ${((page.now + page.window + page.rest) / KB).toFixed(2)} kB  everything a page with a button and a window can load`,
);
process.exit(isOver ? 1 : 0);
