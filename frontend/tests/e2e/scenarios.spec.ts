/** The five scenarios of the product's document. */
import { composer, expect, openChat, row, rows, say, test, texts } from './fixtures';

test('two people in two tabs write to each other, in order and at once', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const annPage = await openChat(visit, ann, ben);
  const benPage = await openChat(visit, ben, ann);

  await say(annPage, 'Hello Ben');
  await expect(texts(benPage)).toHaveText(['Hello Ben']);
  await composer(benPage).pressSequentially('Hel');
  await expect(annPage.locator('.chat-typing')).toContainText('is typing');
  await say(benPage, 'Hello Ann');
  await expect(texts(annPage)).toHaveText(['Hello Ben', 'Hello Ann']);
  await expect(annPage.locator('.chat-typing')).toHaveCount(0);

  // Both at once: each message arrives once, and both see one order.
  const send = (page: typeof annPage, name: string) =>
    page.evaluate(
      async ([from, peer]) => {
        const client = (window as unknown as { chatClient: import('../../src/client').ChatClient })
          .chatClient;
        for (let index = 0; index < 30; index += 1)
          client.conversation(String(peer)).send(`${from} ${index}`);
      },
      [name, name === 'ann' ? ben.id : ann.id] as const,
    );
  await Promise.all([send(annPage, 'ann'), send(benPage, 'ben')]);
  const all = () => server.texts(ann, ben);
  await expect.poll(async () => (await all()).length).toBe(62);
  const stored = await all();
  const shown = (page: typeof annPage, peer: number) =>
    page.evaluate(
      (id) =>
        (window as unknown as { chatClient: import('../../src/client').ChatClient }).chatClient.store
          .getState()
          .threads[id]?.messages.map((message) => message.text),
      String(peer),
    );
  await expect.poll(() => shown(annPage, ben.id)).toEqual(stored);
  await expect.poll(() => shown(benPage, ann.id)).toEqual(stored);
  expect(new Set(stored).size).toBe(62);
});

test('two tabs of one person stay in step', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const first = await openChat(visit, ann, ben);
  const second = await openChat(visit, ann, ben, { in: first.context() });
  const benPage = await openChat(visit, ben, ann);

  await say(first, 'from the first tab');
  await expect(texts(second)).toHaveText(['from the first tab']);
  await say(second, 'from the second tab');
  await expect(texts(first)).toHaveText(['from the first tab', 'from the second tab']);
  await expect(texts(benPage)).toHaveText(['from the first tab', 'from the second tab']);

  await composer(first).fill('a draft');
  await expect(composer(second)).toHaveValue('a draft');
  await composer(first).fill('');
  await expect(composer(second)).toHaveValue('');
});

test('a button shows what is unread, and opening the chat reads it', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.ask('PUT', `/api/follow/toggle/${ben.id}/`, undefined, ann);
  const page = await visit(ann);
  const button = page.locator('.demo-row', { hasText: ben.name }).getByRole('button');
  await expect(button).toBeVisible();
  await server.write(ben, ann, ['one', 'two']);

  await expect(button.locator('.chat-badge')).toContainText('2 unread messages');
  await expect(page).toHaveTitle(/^\(2\) /);
  await button.click();
  await expect(page.locator('dialog .message-text')).toHaveText(['one', 'two']);
  await expect(page.locator('dialog .chat-divider')).toHaveText('New messages');
  await expect(button.locator('.chat-badge')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(page).toHaveTitle(/^Vikra/);
});

test('history survives a reload, and is there before the network', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(
    ben,
    ann,
    Array.from({ length: 12 }, (_, index) => `message ${index}`),
  );
  const page = await openChat(visit, ann, ben);
  await expect(row(page, 'message 11')).toBeVisible();
  await composer(page).fill('an unsent thought');
  await expect(page.locator('.chat-panel')).toBeVisible();

  // The cache is written a moment after the store.
  await page.waitForFunction(async () => {
    const names = await indexedDB.databases();
    return names.length > 0;
  });
  await page.waitForTimeout(600);
  let isBlocked = true;
  await page.route('**/api/messaging/**', async (route) => {
    while (isBlocked) await new Promise((done) => setTimeout(done, 50));
    await route.continue();
  });
  await page.reload();
  await expect(row(page, 'message 11')).toBeVisible();
  await expect(composer(page)).toHaveValue('an unsent thought');
  isBlocked = false;
  await server.write(ben, ann, ['after the reload']);
  await expect(row(page, 'after the reload')).toBeVisible();
  await expect(rows(page)).toHaveCount(13);
});

test('nothing of one person is shown to the next one at the same browser', async ({ server, visit }) => {
  const [ann, ben, cat] = [
    await server.person('Ann'),
    await server.person('Ben'),
    await server.person('Cat'),
  ];
  await server.write(ann, ben, ['for Ben only']);
  const page = await openChat(visit, ann, ben);
  await expect(row(page, 'for Ben only')).toBeVisible();

  const other = await openChat(visit, cat, ben, { in: page.context() });
  await expect(other.locator('.chat-panel .chat-empty')).toContainText('Start your conversation');
  await expect(other.getByText('for Ben only')).toHaveCount(0);
});

test('without a token there is nothing but the way to sign in', async ({ visit }) => {
  const page = await visit(null);
  await expect(page.getByRole('heading', { name: 'Sign in to the chat demo' })).toBeVisible();
});

test('a token that is refused ends in "Signed out", without a storm of connections', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const nobody = { ...ann, access: `${ann.access.slice(0, -4)}AAAA`, refresh: 'nothing' };
  const page = await visit(nobody, `messages/${ben.id}`);
  let connects = 0;
  page.on('websocket', () => {
    connects += 1;
  });

  await expect(page.locator('.chat-panel .connection-status')).toHaveText('Signed out');
  await expect(page.locator('.chat-notice')).toContainText('Sign in again');
  await page.waitForTimeout(4000);
  expect(connects).toBeLessThanOrEqual(3);
});

test('an outdated token is renewed once, and nobody notices', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, { ...ann, access: `${ann.access.slice(0, -4)}AAAA` }, ben);
  await say(page, 'renewed');
  await expect(row(page, 'renewed').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
  );
  expect(await page.content()).not.toContain(ann.refresh);
});

test('a message to nobody fails with the reason, and can be given up', async ({ server, visit }) => {
  const ann = await server.person('Ann');
  const page = await visit(ann, 'messages/999999');
  await composer(page).waitFor();
  await say(page, 'is anybody there?');

  const failed = page.locator('.chat-message[data-status="failed"]');
  await expect(failed.locator('.chat-failed')).toContainText('Not sent: Recipient not found');
  await expect(page.locator('[data-announcer="assertive"]')).toContainText('not sent');
  await failed.getByRole('button', { name: 'Retry' }).click();
  await expect(failed.locator('.chat-failed')).toContainText('Recipient not found');
  await failed.getByRole('button', { name: 'Delete' }).click();
  await expect(rows(page)).toHaveCount(0);
});

test('a button for nobody says so', async ({ server, visit }) => {
  const page = await visit(await server.person('Ann'));
  const button = page.getByRole('button', { name: 'Unavailable' }).last();
  await expect(button).toBeDisabled();
  await expect(button).toHaveAttribute('title', /There is no such user/);
});

test('the indicator tells: connecting, connected, reconnecting after a while, connected', async ({
  ownServer,
  visit,
}) => {
  const [ann, ben] = [await ownServer.person('Ann'), await ownServer.person('Ben')];
  const page = await visit(ann, `messages/${ben.id}`, { server: ownServer });
  const status = page.locator('.chat-panel .connection-status');
  await expect(status).toHaveText('Connected');
  await expect(status).toHaveClass(/connected/);

  await ownServer.kill();
  await page.waitForTimeout(700);
  expect(await status.textContent()).toBe('Connected');
  await expect(status).toHaveText('Reconnecting…');
  await expect(composer(page)).toBeEnabled();
  await ownServer.run();
  await expect(status).toHaveText('Connected', { timeout: 40_000 });
});
