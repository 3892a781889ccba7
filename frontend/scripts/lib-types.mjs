/** Finishes `dist-lib`: declarations name their files in full, as Node's own resolution wants it. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('../dist-lib', import.meta.url).pathname;

for (const name of readdirSync(root, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(root, name);
  const text = readFileSync(file, 'utf8').replace(
    /(from |import\()["'](\.[^"']*)["']/g,
    (whole, before, path) => {
      if (/\.(js|css)$/.test(path)) return whole;
      const isFolder = existsSync(join(dirname(file), path, 'index.d.ts'));
      return `${before}'${path}${isFolder ? '/index' : ''}.js'`;
    },
  );
  writeFileSync(file, text);
}
// The entry only served to bring the style sheet in.
rmSync(join(root, 'styles'), { recursive: true, force: true });
