/** On a phone: the window fills the screen, and fingers find everything. */
import AxeBuilder from '@axe-core/playwright';
import { composer, expect, say, test, texts } from './fixtures';

test('the window fills the screen, Enter makes lines, and everything is big enough', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['hello from a phone', 'x'.repeat(200)]);
  const page = await visit(ann);
  await page
    .locator('.demo-card', { hasText: ben.name })
    .getByRole('button', { name: /^Message/ })
    .tap();
  const modal = page.locator('.chat-modal');
  await expect(modal).toBeVisible();
  await expect(texts(page)).toHaveCount(2);
  const box = await modal.boundingBox();
  const view = page.viewportSize();
  expect(box?.width).toBe(view?.width);
  expect(Math.round(box?.height ?? 0)).toBe(view?.height);
  // The keyboard stays down until somebody wants to write.
  await expect(composer(page)).not.toBeFocused();

  await composer(page).tap();
  await composer(page).pressSequentially('one');
  await page.keyboard.press('Enter');
  await composer(page).pressSequentially('two');
  await expect(composer(page)).toHaveValue('one\ntwo');
  expect(
    await composer(page).evaluate((input) => Number.parseFloat(getComputedStyle(input).fontSize)),
  ).toBeGreaterThanOrEqual(16);
  await page.getByRole('button', { name: 'Send message' }).tap();
  await expect(texts(page).last()).toHaveText('one\ntwo');

  const small = await page.locator('dialog button:visible').evaluateAll((buttons) =>
    buttons
      .map((button) => ({ name: button.className, box: button.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 44 || box.height < 44)
      .map(({ name, box }) => `${name} ${box.width}x${box.height}`),
  );
  expect(small).toEqual([]);

  await page.locator('dialog .chat-more').first().tap();
  const menu = page.getByRole('dialog', { name: 'Message actions' });
  const sheet = await menu.boundingBox();
  expect(Math.round((sheet?.y ?? 0) + (sheet?.height ?? 0))).toBe(view?.height);
  await menu.getByRole('button', { name: 'React with 😂' }).tap();
  await expect(page.locator('.chat-reaction')).toHaveText('😂');
  const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
  await page.getByRole('button', { name: 'Close chat' }).tap();
  await expect(modal).toHaveCount(0);
});

test('320 px: nothing sticks out, on any page', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['x'.repeat(300)]);
  const page = await visit(ann, 'chat-demo', { viewport: { width: 320, height: 640 } });
  for (const route of ['chat-demo', 'messages', `messages/${ben.id}`, 'gallery']) {
    await page.evaluate((hash) => {
      location.hash = `#/${hash}`;
    }, route);
    await page.waitForTimeout(400);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(sideways, route).toBeLessThanOrEqual(0);
  }
});

test('a long conversation leaves the writing field where it is', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(
    ben,
    ann,
    Array.from({ length: 40 }, (_, index) => `message ${index}`),
  );
  const page = await visit(ann, `messages/${ben.id}`);
  await expect(page.locator('.chat-row').first()).toBeVisible();
  await expect(composer(page)).toBeInViewport({ ratio: 1 });
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
});

test('from the inbox into a conversation and back', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['tap me']);
  const page = await visit(ann, 'messages');
  await page.locator('.chat-conversation', { hasText: ben.name }).tap();
  await expect(texts(page)).toHaveText(['tap me']);
  await say(page, 'tapped');
  await page.getByRole('button', { name: 'Send message' }).tap();
  await page.getByRole('button', { name: 'Back to conversations' }).tap();
  await expect(page.locator('.chat-conversation', { hasText: ben.name })).toContainText('You: tapped');
});
