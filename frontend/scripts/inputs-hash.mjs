/** Writes `dist/inputs.sha256`: what the demo was built from, so that anybody can see whether it is stale. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const INPUTS = ['demo', 'src', 'package-lock.json', 'package.json', 'tsconfig.json'];

function filesUnder(path) {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const inner = `${path}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(inner) : [inner];
  });
}

const files = INPUTS.flatMap((path) => (path.includes('.') ? [path] : filesUnder(path)));
// Compared as bytes, so that every language sorts alike.
files.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const lines = files.map((path) => {
  const digest = createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');
  return `${digest}  ${path}\n`;
});
const total = createHash('sha256').update(lines.join('')).digest('hex');
writeFileSync(join(root, 'dist/inputs.sha256'), `${total}\n`);
