/** The list under load: the line being read stays where it is, and ten thousand messages cost little. */
import { composer, expect, openChat, row, test } from './fixtures';
import { distanceFromEnd, fill, readInTheMiddle, textOf, type Window, watch } from './listing';
import type { Server } from './server';

async function ready(server: Server, visit: Parameters<typeof openChat>[0], count: number) {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await fill(server, ann, ben, count);
  await server.ask(
    'POST',
    `/api/messaging/conversations/${await server.conversation(ann, ben)}/mark-read/`,
    {},
    ann,
  );
  const page = await openChat(visit, ann, ben);
  await expect(row(page, textOf(count - 1))).toBeVisible();
  return { ann, ben, page };
}

test('opens at the end, loads older pages on the way up, and the reader does not move', async ({
  server,
  visit,
}) => {
  const { page, ben } = await ready(server, visit, 180);
  expect(await distanceFromEnd(page)).toBeLessThan(2);
  // The page itself does not scroll, however long the conversation.
  await expect(composer(page)).toBeInViewport({ ratio: 1 });
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
  await page.locator('.chat-messages').hover();
  let worst = 0;
  for (let round = 0; round < 12; round += 1) {
    await page.mouse.wheel(0, -700);
    await page.waitForTimeout(250);
    const drift = await watch(page, 20);
    worst = Math.max(worst, await drift());
  }
  expect(worst).toBeLessThan(1);
  const loaded = () =>
    page.evaluate(
      (id) => (window as unknown as Window).chatClient.store.getState().threads[id]?.messages.length,
      String(ben.id),
    );
  await page.locator('.chat-messages').focus();
  await page.keyboard.press('Home');
  await expect.poll(loaded).toBe(180);
  await page.keyboard.press('Home');
  await expect(page.locator('.chat-beginning')).toBeVisible();
  await expect(row(page, textOf(0))).toBeVisible();
});

test('nothing that happens elsewhere moves the line being read', async ({ server, visit }) => {
  const { page, ann, ben } = await ready(server, visit, 120);
  await page.evaluate(async (id) => {
    const handle = (window as unknown as Window).chatClient.conversation(id);
    await handle.loadOlder();
    await handle.loadOlder();
  }, String(ben.id));
  await readInTheMiddle(page);
  const all = await server.ask<{ messages: { id: string; text: string; sender: { id: number } }[] }>(
    'GET',
    `/api/messaging/messages/?user_id=${ben.id}&limit=100`,
    undefined,
    ann,
  );
  const mine = all.messages.filter((message) => message.sender.id === ann.id);
  const theirs = all.messages.filter((message) => message.sender.id === ben.id);
  // Rows above the view that have been measured: scrolled past just before.
  const above = (index: number) => mine[index] ?? { id: '' };
  const path = (id: string) => `/api/messaging/messages/${id}/`;
  const steps: [string, () => Promise<unknown>][] = [
    ['new messages below', () => server.write(ben, ann, ['new one', 'new two', 'new three'])],
    ['an own message from another device', () => server.write(ann, ben, ['from elsewhere'])],
    [
      'a row above grows',
      () => server.ask('PATCH', path(above(2).id), { content: 'long '.repeat(150) }, ann),
    ],
    ['a row above shrinks', () => server.ask('PATCH', path(above(2).id), { content: 'short' }, ann)],
    ['a row above is deleted', () => server.ask('DELETE', path(above(3).id), undefined, ann)],
    ['a row above is taken away', () => server.ask('DELETE', path(theirs[2]?.id ?? ''), undefined, ann)],
    [
      'a row above gets a reaction',
      () => server.ask('POST', `${path(above(4).id)}reactions/`, { reaction: '👍' }, ben),
    ],
    [
      'a row below grows',
      () => server.ask('PATCH', path(mine.at(-1)?.id ?? ''), { content: 'long '.repeat(99) }, ann),
    ],
    [
      'the other types',
      () => server.ask('POST', `/api/messaging/conversations/${conversation}/typing/start/`, {}, ben),
    ],
  ];
  const conversation = await server.conversation(ann, ben);
  for (const [name, step] of steps) {
    const drift = await watch(page);
    await step();
    expect(await drift(), name).toBeLessThan(1);
  }
  const jump = page.locator('.chat-jump');
  await expect(jump).toHaveAccessibleName('Jump to latest, 3 new messages');
  await jump.click();
  await expect.poll(() => distanceFromEnd(page)).toBeLessThan(2);
  await expect(jump).toHaveCount(0);
  await expect(row(page, 'from elsewhere')).toBeVisible();
});

test('older and newer messages at once do not move the line either', async ({ server, visit }) => {
  const { page, ann, ben } = await ready(server, visit, 160);
  await readInTheMiddle(page);
  const drift = await watch(page, 90);
  await Promise.all([
    page.evaluate(
      (id) => (window as unknown as Window).chatClient.conversation(id).loadOlder(),
      String(ben.id),
    ),
    server.write(ben, ann, ['meanwhile one', 'meanwhile two']),
  ]);
  expect(await drift()).toBeLessThan(1);
});

test('who is at the end stays at the end', async ({ server, visit }) => {
  const { page, ann, ben } = await ready(server, visit, 60);
  const isAtEnd = () => expect.poll(() => distanceFromEnd(page)).toBeLessThan(2);
  await server.write(
    ben,
    ann,
    Array.from({ length: 20 }, (_, index) => textOf(1000 + index)),
  );
  await expect(row(page, textOf(1019))).toBeVisible();
  await isAtEnd();
  await page.evaluate(
    (id) => (window as unknown as Window).chatClient.conversation(id).loadOlder(),
    String(ben.id),
  );
  await isAtEnd();
  const { messages } = await server.ask<{ messages: { id: string }[] }>(
    'GET',
    `/api/messaging/messages/?user_id=${ann.id}`,
    undefined,
    ben,
  );
  const path = `/api/messaging/messages/${messages.at(-1)?.id}/`;
  await server.ask('PATCH', path, { content: 'grown '.repeat(120).trim() }, ben);
  await expect(row(page, 'grown '.repeat(120).trim())).toBeVisible();
  await isAtEnd();
  // A keyboard comes up, a text of several lines is written, the window is turned.
  await page.setViewportSize({ width: 1100, height: 420 });
  await isAtEnd();
  await page.locator('.chat-input').fill('one\ntwo\nthree\nfour');
  await isAtEnd();
  await page.setViewportSize({ width: 420, height: 760 });
  await isAtEnd();
  await server.ask('DELETE', path, undefined, ben);
  await isAtEnd();
});

test('opens at the first unread message, and marks nothing below the view as read', async ({
  server,
  visit,
}) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await fill(server, ann, ben, 30);
  await server.ask(
    'POST',
    `/api/messaging/conversations/${await server.conversation(ann, ben)}/mark-read/`,
    {},
    ann,
  );
  await server.write(
    ben,
    ann,
    Array.from({ length: 40 }, (_, index) => `unread ${index}`),
  );
  const page = await openChat(visit, ann, ben);
  await expect(page.locator('.chat-divider')).toBeVisible();
  await expect(row(page, 'unread 0')).toBeInViewport();
  await page.waitForTimeout(500);
  const unread = () =>
    server.ask<{ unread_count: number }>('GET', '/api/messaging/unread-count/', undefined, ann);
  expect((await unread()).unread_count).toBe(40);
  await page.locator('.chat-jump').click();
  await expect.poll(async () => (await unread()).unread_count).toBe(0);
});
