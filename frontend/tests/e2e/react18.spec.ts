/** The same demo with the oldest React the kit supports. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { composer, expect, row, say, test, texts } from './fixtures';

const built = resolve(import.meta.dirname, '../../test-results/dist-react18');
const TYPES: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

test('a chat with React 18', async ({ server, visit }) => {
  expect(existsSync(`${built}/index.html`), 'built by `npm run build:react18`').toBe(true);
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['hello']);
  const page = await visit(ann, 'gallery');
  const isPart = ({ pathname }: URL) =>
    pathname === '/' || pathname === '/icon.svg' || pathname.startsWith('/assets/');
  await page.context().route(isPart, (route) => {
    const { pathname } = new URL(route.request().url());
    const file = pathname === '/' ? '/index.html' : pathname;
    return route.fulfill({
      contentType: TYPES[file.split('.').pop() ?? ''] ?? 'text/plain',
      body: readFileSync(`${built}${file}`),
    });
  });
  await page.goto('/?react18#/chat-demo');
  const scripts = await page.locator('script[src]').getAttribute('src');
  expect(existsSync(`${built}${scripts}`)).toBe(true);

  await page
    .locator('.demo-card', { hasText: ben.name })
    .getByRole('button', { name: /^Message/ })
    .click();
  await expect(composer(page)).toBeFocused();
  await expect(texts(page)).toHaveText(['hello']);
  await say(page, 'hello from 2022');
  await expect(row(page, 'hello from 2022').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
  );
  await row(page, 'hello').hover();
  await row(page, 'hello')
    .getByRole('button', { name: /^Actions/ })
    .click();
  await page.getByRole('button', { name: 'React with 👍' }).click();
  await expect(row(page, 'hello').locator('.chat-reaction')).toHaveText('👍');
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog')).toHaveCount(0);
});
