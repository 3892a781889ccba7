/** Servers that die, networks that go, pages that are reloaded: what is written arrives once and in order. */
import { Cable } from './cable';
import { composer, expect, openChat, row, say, test, texts } from './fixtures';

test('a server killed while somebody writes: the outbox delivers once, in order', async ({
  ownServer,
  visit,
}) => {
  const [ann, ben] = [await ownServer.person('Ann'), await ownServer.person('Ben')];
  const annPage = await openChat(visit, ann, ben, { server: ownServer });
  const benPage = await openChat(visit, ben, ann, { server: ownServer });
  const wanted = Array.from({ length: 24 }, (_, index) => `line ${index}`);

  for (const [index, text] of wanted.entries()) {
    if (index === 8) await ownServer.kill();
    if (index === 16) await ownServer.run();
    await say(annPage, text);
  }

  await expect.poll(() => ownServer.texts(ann, ben).catch(() => []), { timeout: 40_000 }).toEqual(wanted);
  await expect(row(annPage, 'line 23').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered|read/,
    {
      timeout: 40_000,
    },
  );
  await expect(row(benPage, 'line 23')).toHaveCount(1, { timeout: 40_000 });
  const inStore = await benPage.evaluate(
    (id) =>
      (window as unknown as { chatClient: import('../../src/client').ChatClient }).chatClient.store
        .getState()
        .threads[id]?.messages.map((message) => message.text),
    String(ann.id),
  );
  expect(inStore).toEqual(wanted);
});

test('offline for thirty messages each way, then back', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const cable = await Cable.to(server.url);
  const page = await openChat(visit, ann, ben, { server: cable });
  await say(page, 'before');
  await expect(row(page, 'before').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
  );

  cable.pull();
  await page.context().setOffline(true);
  await expect(page.locator('.chat-panel .connection-status')).toHaveText('Offline');
  await expect(page.locator('.chat-notice')).toContainText('will be sent when you are back');
  const written = Array.from({ length: 30 }, (_, index) => `in the tunnel ${index}`);
  for (const text of written) await say(page, text);
  await expect(row(page, 'in the tunnel 29').locator('.message-status')).toHaveAttribute(
    'data-status',
    'pending',
  );
  const missed = Array.from({ length: 30 }, (_, index) => `missed ${index}`);
  await server.write(ben, ann, missed);

  cable.plug();
  await page.context().setOffline(false);
  await expect(row(page, 'in the tunnel 29').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
    { timeout: 30_000 },
  );
  const all = ['before', ...missed, ...written];
  await expect.poll(() => server.texts(ann, ben)).toEqual(all);
  await expect
    .poll(() =>
      page.evaluate(
        (id) =>
          (window as unknown as { chatClient: import('../../src/client').ChatClient }).chatClient.store
            .getState()
            .threads[id]?.messages.map((message) => message.text),
        String(ben.id),
      ),
    )
    .toEqual(all);
  cable.close();
});

test('a slow network: the bubble is there at once, and everything arrives', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['first']);
  const page = await openChat(visit, ann, ben);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const conditions = { offline: false, latency: 800, downloadThroughput: 50_000, uploadThroughput: 20_000 };
  await devtools.send('Network.emulateNetworkConditions', conditions);
  await page.reload();
  await composer(page).waitFor({ timeout: 30_000 });
  await say(page, 'slow but sure');
  await expect(row(page, 'slow but sure')).toBeVisible();
  await expect(row(page, 'slow but sure').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
    {
      timeout: 30_000,
    },
  );
  await expect(texts(page)).toHaveText(['first', 'slow but sure']);
});

test('a failed message is still failed after a reload, and can be sent again', async ({ server, visit }) => {
  const ann = await server.person('Ann');
  const page = await visit(ann, 'messages/999999');
  await composer(page).waitFor();
  await say(page, 'nobody hears this');
  await expect(page.locator('.chat-failed')).toContainText('Recipient not found');

  await page.reload();
  const failed = page.locator('.chat-message[data-status="failed"]');
  await expect(failed.locator('.message-text')).toHaveText('nobody hears this');
  await expect(failed.locator('.chat-failed')).toContainText('Recipient not found');
  await failed.getByRole('button', { name: 'Delete' }).click();
  await page.reload();
  await expect(page.locator('.chat-panel .connection-status[data-status="online"]')).toBeVisible();
  await expect(page.locator('.chat-row')).toHaveCount(0);
});

test('written while the server is down, sent after a reload', async ({ ownServer, visit }) => {
  const [ann, ben] = [await ownServer.person('Ann'), await ownServer.person('Ben')];
  const page = await openChat(visit, ann, ben, { server: ownServer });
  await page.context().setOffline(true);
  await say(page, 'kept on the device');
  await expect(row(page, 'kept on the device')).toBeVisible();
  await page.waitForTimeout(500);
  await page.context().setOffline(false);
  await page.reload();
  await expect.poll(() => ownServer.texts(ann, ben)).toEqual(['kept on the device']);
  await expect(row(page, 'kept on the device').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
  );
});

test('a window whose part cannot be loaded says so, and opens at the next press', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.ask('PUT', `/api/follow/toggle/${ben.id}/`, undefined, ann);
  const page = await visit(ann);
  const button = page.locator('.demo-row', { hasText: ben.name }).getByRole('button');
  await expect(button).toBeVisible();
  await page.evaluate(() => sessionStorage.setItem('demo-reloaded', '1'));
  await page.route('**/assets/ChatModal-*.js', (route) => route.abort());
  await button.click();
  await expect(button).toHaveAttribute('data-state', 'failed');
  await expect(button).toContainText('could not be loaded');
  await page.unroute('**/assets/ChatModal-*.js');
  await button.click();
  await expect(page.locator('dialog')).toBeVisible();
});

test('a part of the client that cannot be loaded is tried again, and nothing written is lost', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const context = (await visit(null, 'login')).context();
  await context.addInitScript(() => sessionStorage.setItem('demo-reloaded', '1'));
  let refused = 0;
  await context.route('**/assets/live-*.js', (route) => {
    refused += 1;
    return route.abort();
  });
  const page = await visit(ann, `messages/${ben.id}`, { in: context });
  await composer(page).waitFor();
  await say(page, 'before all is here');
  await expect(row(page, 'before all is here').locator('.message-status')).toHaveAttribute(
    'data-status',
    'pending',
  );
  await expect.poll(() => refused, { timeout: 20_000 }).toBeGreaterThan(1);
  await context.unroute('**/assets/live-*.js');

  await expect(row(page, 'before all is here').locator('.message-status')).toHaveAttribute(
    'data-status',
    /sent|delivered/,
    { timeout: 30_000 },
  );
  expect(await server.texts(ann, ben)).toEqual(['before all is here']);
});
