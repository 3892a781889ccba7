/** Pictures for the documentation: `SHOTS=1 npx playwright test --project=shots`. They are looked at, not compared. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { composer, expect, type Person, test } from './fixtures';

const folder = resolve(import.meta.dirname, '../../../docs/screenshots');
const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

async function shoot(page: Page, name: string) {
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

test('pictures', async ({ ownServer, visit }) => {
  test.setTimeout(180_000);
  const password = 'correct horse';
  execFileSync(ownServer.binary, ['demo', 'seed', '--password', password], { env: ownServer.environment() });
  const sign = async (username: string): Promise<Person> => {
    const tokens = await ownServer.ask<{ access: string; refresh: string }>('POST', '/api/auth/token/', {
      username,
      password,
    });
    const me = { ...tokens, id: 0, username, name: username };
    return { ...me, ...(await ownServer.ask<{ id: number }>('GET', '/api/users/me/', undefined, me)) };
  };
  const [alice, bob] = [await sign('alice_dev'), await sign('bob_designer')];
  const bobPage = await visit(bob, `messages/${alice.id}`, { server: ownServer });
  await composer(bobPage).waitFor();

  await shoot(await visit(null, 'login', { server: ownServer }), 'login');
  for (const theme of ['light', 'dark'] as const) {
    const people = await visit(alice, 'chat-demo', { server: ownServer, colorScheme: theme });
    await expect(people.locator('.demo-card')).toHaveCount(3);
    await shoot(people, `people-${theme}`);
    await people.locator('.demo-card', { hasText: 'Bob' }).getByRole('button', { name: 'Message' }).click();
    await expect(people.locator('dialog .message-text').first()).toBeVisible();
    await bobPage.locator('.chat-input').pressSequentially('x');
    await shoot(people, `window-${theme}`);
    const inbox = await visit(alice, `messages/${bob.id}`, { server: ownServer, colorScheme: theme });
    await expect(inbox.locator('.chat-row').first()).toBeVisible();
    await inbox.locator('.chat-row').last().hover();
    await inbox
      .locator('.chat-row')
      .last()
      .getByRole('button', { name: /Actions/ })
      .click();
    await shoot(inbox, `inbox-${theme}`);
    const phone = await visit(alice, 'chat-demo', { server: ownServer, colorScheme: theme, ...PHONE });
    await expect(phone.locator('.demo-card')).toHaveCount(3);
    await shoot(phone, `phone-people-${theme}`);
    await phone.locator('.demo-card', { hasText: 'Bob' }).getByRole('button', { name: 'Message' }).click();
    await expect(phone.locator('dialog .message-text').first()).toBeVisible();
    await shoot(phone, `phone-window-${theme}`);
    await phone.locator('dialog .chat-more').last().click();
    await shoot(phone, `phone-menu-${theme}`);
    const phoneInbox = await visit(alice, 'messages', { server: ownServer, colorScheme: theme, ...PHONE });
    await expect(phoneInbox.locator('.chat-conversation').first()).toBeVisible();
    await shoot(phoneInbox, `phone-inbox-${theme}`);
    await ownServer.write(bob, alice, ['Are you there?']);
    await expect(phoneInbox.locator('.chat-toast')).toBeVisible();
    await shoot(phoneInbox, `phone-toast-${theme}`);
    const gallery = await visit(alice, 'gallery', { server: ownServer, colorScheme: theme });
    await shoot(gallery, `gallery-${theme}`);
  }
  const lost = await visit(alice, 'chat-demo', { server: ownServer });
  await lost.locator('.demo-card', { hasText: 'Diana' }).getByRole('button', { name: 'Message' }).click();
  await expect(lost.locator('dialog .chat-empty')).toBeVisible();
  await shoot(lost, 'window-empty');
  await ownServer.kill();
  await lost.locator('dialog .chat-input').fill('I will tell you when I am back');
  await lost.locator('dialog .chat-input').press('Enter');
  await expect(lost.locator('dialog .connection-status')).toHaveText('Reconnecting…');
  await shoot(lost, 'window-reconnecting');
});
