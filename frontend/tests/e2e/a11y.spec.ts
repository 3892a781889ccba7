/** axe finds nothing, in any state and in both themes. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { composer, expect, openChat, row, say, test } from './fixtures';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** `part`: only what is in it, for states in which the page behind is inert. */
async function check(page: Page, state: string, part?: string) {
  // Colours in the middle of an animation are nobody's colours.
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  const axe = new AxeBuilder({ page }).withTags(TAGS);
  const { violations } = await (part ? axe.include(part) : axe).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
  expect(found, state).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`pages of the demo, ${colorScheme}`, async ({ server, visit }) => {
    const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
    await server.person('Cat');
    await server.ask('PUT', `/api/follow/toggle/${ben.id}/`, undefined, ann);
    await server.write(ben, ann, ['hello', 'how are you?']);
    await check(await visit(null, 'login', { colorScheme }), 'login');
    const page = await visit(ann, 'chat-demo', { colorScheme });
    await expect(page.locator('.demo-card').first()).toBeVisible();
    await expect(page.locator('.demo-row .chat-badge')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Unavailable' }).last()).toBeVisible();
    await check(page, 'people');
    await page.getByRole('combobox').fill('Ben');
    await expect(page.getByRole('option').first()).toBeVisible();
    await check(page, 'search');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Notifications/ }).click();
    await check(page, 'notifications');
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      location.hash = '#/gallery';
    });
    await expect(page.locator('.demo-gallery')).toBeVisible();
    await check(page, 'gallery');
    await page.evaluate(() => {
      location.hash = '#/messages';
    });
    await expect(page.locator('.chat-conversation')).toBeVisible();
    await check(page, 'inbox');
  });

  test(`states of the chat, ${colorScheme}`, async ({ server, visit }) => {
    const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
    const benPage = await openChat(visit, ben, ann, { colorScheme });
    const page = await openChat(visit, ann, ben, { colorScheme });
    await expect(page.locator('.chat-panel .chat-empty')).toBeVisible();
    await check(page, 'empty');

    await say(benPage, 'Look: https://example.com');
    await say(page, 'Nice https://example.com too');
    await server.write(ann, ben, ['a plain one']);
    await expect(row(page, 'a plain one')).toBeVisible();
    await row(page, 'Nice https://example.com too').hover();
    await check(page, 'messages');

    await row(page, 'Look: https://example.com').hover();
    await row(page, 'Look: https://example.com')
      .getByRole('button', { name: /^Actions/ })
      .click();
    await check(page, 'menu');
    await page.getByRole('button', { name: 'React with 👍' }).click();
    await row(page, 'Look: https://example.com')
      .getByRole('button', { name: /^Actions/ })
      .click();
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await expect(page.locator('.chat-target')).toBeVisible();
    await composer(benPage).pressSequentially('hm');
    await expect(page.locator('.chat-typing')).toBeVisible();
    await check(page, 'reaction, reply, typing');
    await say(page, 'An answer');
    await composer(page).fill('a'.repeat(8010));
    await check(page, 'too long');
    await composer(page).fill('');
    await page.context().setOffline(true);
    await say(page, 'waiting');
    await check(page, 'waiting');
    await page.context().setOffline(false);

    const failing = await visit(ann, 'messages/999999', { colorScheme });
    await composer(failing).waitFor();
    await say(failing, 'one');
    await say(failing, 'two');
    await expect(failing.locator('.chat-failed')).toHaveCount(2);
    await check(failing, 'failed');
  });

  test(`the window and lost connections, ${colorScheme}`, async ({ ownServer, visit }) => {
    const [ann, ben] = [await ownServer.person('Ann'), await ownServer.person('Ben')];
    await ownServer.write(ben, ann, ['hello']);
    const page = await visit(ann, 'chat-demo', { colorScheme, server: ownServer });
    await page
      .locator('.demo-card', { hasText: ben.name })
      .getByRole('button', { name: /^Message/ })
      .click();
    await expect(page.locator('dialog .message-text')).toBeVisible();
    await check(page, 'window', 'dialog');
    await ownServer.kill();
    await expect(page.locator('dialog .connection-status')).toHaveText('Reconnecting…');
    await check(page, 'reconnecting', 'dialog');
  });
}

test('large text, wide spacing and four times the size: nothing is cut off', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, [
    'a message that is long enough to need more than one line on a narrow screen',
  ]);
  // 1280 px at 400 % are 320 px.
  const page = await openChat(visit, ann, ben, { viewport: { width: 320, height: 256 } });
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
    );
    document.adoptedStyleSheets.push(sheet);
  });
  await expect(composer(page)).toBeVisible();
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBeLessThanOrEqual(0);
});

test('nothing moves for those who asked for that', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await visit(ann, 'chat-demo', { reducedMotion: 'reduce' });
  await page
    .locator('.demo-card', { hasText: ben.name })
    .getByRole('button', { name: /^Message/ })
    .click();
  await expect(page.locator('dialog .chat-modal')).toBeVisible();
  const moving = await page.evaluate(
    () => document.getAnimations().filter((one) => one.playState === 'running').length,
  );
  expect(moving).toBe(0);
});
