/**
 * Writes the types of the wire from the server's documents: `rest.ts` from `docs/openapi.json`, `frames.ts` from
 * `docs/asyncapi.json`. With `--check`, only says whether the committed ones are what the documents say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const rest = JSON.parse(read('../../docs/openapi.json'));
// What the client calls, and what it is answered when all is well: failures have one shape.
const CALLED = /^\/api\/(messaging|follow|notifications|users\/(me|username))\b/;
for (const [path, methods] of Object.entries(rest.paths)) {
  if (!CALLED.test(path)) delete rest.paths[path];
  for (const { responses = {} } of Object.values(methods)) {
    for (const status of Object.keys(responses)) if (!status.startsWith('2')) delete responses[status];
  }
}
const { components } = JSON.parse(read('../../docs/asyncapi.json'));

// The payloads of frames are JSON schemas as in OpenAPI, so the same generator reads them.
const payloads = Object.entries(components.messages).map(([name, { payload, summary }]) => [
  name,
  summary && !payload.description ? { ...payload, description: summary } : payload,
]);
const frames = {
  openapi: '3.1.0',
  info: rest.info,
  paths: {},
  components: { schemas: { ...components.schemas, ...Object.fromEntries(payloads) } },
};

const outputs = [
  ['rest.ts', 'docs/openapi.json', rest],
  ['frames.ts', 'docs/asyncapi.json', frames],
];
const isCheck = process.argv.includes('--check');
for (const [name, source, document] of outputs) {
  const types = astToString(await openapiTS(document));
  const text = `/** Written by \`npm run types\` from \`${source}\`: do not edit. */\n\n${types}`;
  const path = new URL(`../src/client/wire/${name}`, import.meta.url);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`src/client/wire/${name} is not what ${source} says: npm run types`);
    process.exitCode = 1;
  }
}
