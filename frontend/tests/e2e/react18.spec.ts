/** The same demo with the oldest React the kit supports. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { preview } from 'vite';
import { composer, expect, row, say, test, texts } from './fixtures';

const root = resolve(import.meta.dirname, '../..');
const outDir = 'test-results/dist-react18';

test('a chat with React 18', async ({ server, visit }) => {
  expect(existsSync(`${root}/${outDir}/index.html`), 'built by `npm run build:react18`').toBe(true);
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['hello']);
  // The server carries the other build, so something else gives this one out and passes the rest on.
  const site = await preview({
    root,
    configFile: false,
    logLevel: 'error',
    build: { outDir },
    preview: {
      host: '127.0.0.1',
      port: 4300,
      proxy: {
        '/api': server.url,
        '/ws': { target: server.url, ws: true, changeOrigin: true, rewriteWsOrigin: true },
      },
    },
  });
  const url = site.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? '';
  const page = await visit(ann, 'chat-demo', { server: { url } });
  const card = page.locator('.demo-card', { hasText: ben.name });

  await card.getByRole('button', { name: /^Message/ }).click();
  await expect(composer(page)).toBeFocused();
  await expect(texts(page)).toHaveText(['hello']);
  await say(page, 'hello from 2022');
  const status = row(page, 'hello from 2022').locator('.message-status');
  await expect(status).toHaveAttribute('data-status', /sent|delivered/);
  await row(page, 'hello').hover();
  await row(page, 'hello')
    .getByRole('button', { name: /^Actions/ })
    .click();
  await page.getByRole('button', { name: 'React with 👍' }).click();
  await expect(row(page, 'hello').locator('.chat-reaction')).toHaveText('👍');
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog')).toHaveCount(0);
  await page.close();
  await site.close();
});
