/** What can be done with messages, seen by both people. */
import type { Page } from '@playwright/test';
import { composer, expect, openChat, row, say, test, texts } from './fixtures';

async function menu(page: Page, text: string) {
  await row(page, text).hover();
  await row(page, text)
    .getByRole('button', { name: /^Actions for/ })
    .click();
  return page.getByRole('dialog', { name: 'Message actions' });
}

test('reply, edit, react and delete', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const annPage = await openChat(visit, ann, ben);
  const benPage = await openChat(visit, ben, ann);
  await say(annPage, 'Lunch at noon?');
  await expect(row(benPage, 'Lunch at noon?')).toBeVisible();

  await (await menu(benPage, 'Lunch at noon?')).getByRole('button', { name: 'Reply' }).click();
  await expect(benPage.locator('.chat-target')).toContainText(`Replying to ${ann.name}`);
  await expect(composer(benPage)).toBeFocused();
  await say(benPage, 'Half past');
  await expect(benPage.locator('.chat-target')).toHaveCount(0);
  await expect(row(annPage, 'Half past').locator('.chat-quote-text')).toHaveText('Lunch at noon?');

  await (await menu(annPage, 'Half past')).getByRole('button', { name: 'React with ❤️' }).click();
  await expect(row(benPage, 'Half past').getByRole('button', { name: '❤️, 1 reaction' })).toBeVisible();
  await row(benPage, 'Half past').getByRole('button', { name: '❤️, 1 reaction' }).click();
  await expect(row(annPage, 'Half past').getByRole('button', { name: '❤️, 2 reactions' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await row(annPage, 'Half past').getByRole('button', { name: '❤️, 2 reactions' }).click();
  await expect(row(benPage, 'Half past').getByRole('button', { name: '❤️, 1 reaction' })).toBeVisible();

  await (await menu(annPage, 'Lunch at noon?')).getByRole('button', { name: 'Edit' }).click();
  await expect(composer(annPage)).toHaveValue('Lunch at noon?');
  await say(annPage, 'Lunch at one?');
  await expect(row(benPage, 'Lunch at one?').locator('.message-time')).toContainText('edited');

  const dialog = await menu(annPage, 'Lunch at one?');
  await dialog.getByRole('button', { name: 'Delete for everyone' }).click();
  await dialog.getByRole('button', { name: 'Delete? Press again' }).click();
  await expect(texts(benPage).first()).toHaveText('This message was deleted');
  await expect(texts(annPage).first()).toHaveText('This message was deleted');

  const forMe = await menu(annPage, 'Half past');
  await forMe.getByRole('button', { name: 'Delete for me' }).click();
  await forMe.getByRole('button', { name: 'Delete? Press again' }).click();
  await expect(row(annPage, 'Half past')).toHaveCount(0);
  await expect(row(benPage, 'Half past')).toBeVisible();
});

test('ticks: sent, delivered, read', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const annPage = await openChat(visit, ann, ben);
  await say(annPage, 'knock knock');
  const status = row(annPage, 'knock knock').locator('.message-status');
  await expect(status).toHaveAttribute('data-status', 'sent');

  const benPage = await visit(ben, 'chat-demo');
  await expect(status).toHaveAttribute('data-status', 'delivered');
  await expect(annPage.locator('.chat-presence')).toHaveText('Online');
  await benPage.evaluate((id) => {
    location.hash = `#/messages/${id}`;
  }, ann.id);
  await benPage.bringToFront();
  await expect(status).toHaveAttribute('data-status', 'read');
  await expect(status.locator('.chat-sr-only')).toHaveText('Read');
  await benPage.close();
  await expect(annPage.locator('.chat-presence')).toHaveText(/Last seen/);
});

test('keys reach everything: list, menu, window', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(
    ben,
    ann,
    Array.from({ length: 40 }, (_, index) => `line ${index}`),
  );
  // Otherwise the conversation would open at the first of them.
  const read = `/api/messaging/conversations/${await server.conversation(ann, ben)}/mark-read/`;
  await server.ask('POST', read, {}, ann);
  const page = await openChat(visit, ann, ben);
  await expect(row(page, 'line 39')).toBeVisible();
  await composer(page).focus();
  await page.locator('.chat-messages').focus();
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 'line 39')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 'line 38')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(row(page, 'line 0')).toBeFocused();
  await page.keyboard.press('End');
  await expect(row(page, 'line 39')).toBeFocused();

  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Message actions' });
  await expect(dialog.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(row(page, 'line 39')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('button').nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(row(page, 'line 39').locator('.chat-reaction')).toHaveText('❤️');
});

test('the window: focus goes in, stays in and comes back; Esc closes what is on top', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.ask('PUT', `/api/follow/toggle/${ben.id}/`, undefined, ann);
  await server.write(ben, ann, ['hello']);
  const page = await visit(ann);
  const button = page.locator('.demo-row', { hasText: ben.name }).getByRole('button');
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.locator('dialog');
  await expect(dialog).toHaveAccessibleName(ben.name);
  await expect(composer(page)).toBeFocused();
  await composer(page).fill('kept');
  for (let index = 0; index < 12; index += 1) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => {
      const active = document.activeElement;
      return active === document.body || active?.closest('dialog') !== null;
    });
    expect(inside).toBe(true);
  }
  await dialog.locator('.chat-more').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Message actions' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Message actions' })).toHaveCount(0);
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();

  await button.click();
  await expect(composer(page)).toHaveValue('kept');
  await page.mouse.click(5, 5);
  await expect(dialog).toHaveCount(0);
});

test('screen readers hear new messages of the other, not history and not their own', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['old news']);
  const page = await openChat(visit, ann, ben);
  const polite = page.locator('[data-announcer="polite"]');
  await say(page, 'my own');
  await expect(row(page, 'my own')).toBeVisible();
  await server.write(ben, ann, ['fresh']);
  await expect(polite).toContainText(`${ben.name}: fresh`);
  await server.write(ben, ann, ['one', 'two', 'three']);
  await expect(polite).toContainText('3 new messages');
});

test('switching the person switches the conversation', async ({ server, visit }) => {
  const [ann, ben, cat] = [
    await server.person('Ann'),
    await server.person('Ben'),
    await server.person('Cat'),
  ];
  await server.write(ben, ann, ['from Ben']);
  await server.write(cat, ann, ['from Cat']);
  const page = await openChat(visit, ann, ben);
  await expect(texts(page)).toHaveText(['from Ben']);
  await composer(page).fill('to Ben');
  // A message counts as read once it has stood before somebody's eyes for a moment.
  await expect(page.locator('.chat-conversation', { hasText: ben.name }).locator('.chat-badge')).toHaveCount(
    0,
  );
  await page.locator('.chat-conversation', { hasText: cat.name }).click();
  await expect(texts(page)).toHaveText(['from Cat']);
  await expect(composer(page)).toHaveValue('');
  await server.write(ben, ann, ['again from Ben']);
  await expect(
    page.locator('.chat-conversation', { hasText: ben.name }).locator('.chat-badge'),
  ).toContainText('1');
  await expect(texts(page)).toHaveText(['from Cat']);
  await page.locator('.chat-conversation', { hasText: ben.name }).click();
  await expect(composer(page)).toHaveValue('to Ben');
});
