/** What ten thousand messages cost. Without a trace: writing one costs more than what is measured. */
import { expect, openChat, rows, test } from './fixtures';
import { distanceFromEnd, textOf, type Window, watch } from './listing';

test.use({ trace: 'off' });

test('ten thousand messages', async ({ server, visit }) => {
  test.setTimeout(360_000);
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, ann, ben);
  // Over one socket, as fast as the server stores them.
  await page.evaluate(
    async ([token, peer, texts]) => {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/chat/?token=${token}&v=2`);
      let stored = 0;
      await new Promise<void>((done, failed) => {
        socket.onerror = () => failed(new Error('the socket failed'));
        socket.onmessage = ({ data }) => {
          if (!data.includes('"message_sent"')) return;
          stored += 1;
          if (stored === texts.length) done();
          // Never more under way than the server takes at once.
          if (stored % 500 === 0) sendSome();
        };
        let next = 0;
        const sendSome = () => {
          for (const text of texts.slice(next, next + 500)) {
            socket.send(JSON.stringify({ type: 'message', recipient_id: peer, text }));
          }
          next += 500;
        };
        socket.onopen = sendSome;
      });
      socket.close();
    },
    [ben.access, ann.id, Array.from({ length: 10_000 }, (_, index) => textOf(index))] as const,
  );
  await page.evaluate(async (id) => {
    const client = (window as unknown as Window).chatClient;
    const handle = client.conversation(id);
    for (let page = 0; page < 300 && handle.getThread().hasOlder; page += 1) await handle.loadOlder();
  }, String(ben.id));
  const loaded = await page.evaluate(
    (id) => (window as unknown as Window).chatClient.conversation(id).getThread().messages.length,
    String(ben.id),
  );
  expect(loaded).toBe(10_000);
  // They came into an open conversation, so the newest is what one sees.
  await expect.poll(() => distanceFromEnd(page)).toBeLessThan(2);

  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskMs = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return (metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  await page.locator('.chat-messages').hover();
  await page.waitForTimeout(500);
  // 100 px in every frame: CPU time of the main thread, not time on a clock. What else the machine does can only
  // add to it (by emptied caches), so the least of some rounds counts.
  const FRAMES = 120;
  let perFrame = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let round = 0; round < 6 && perFrame >= 4; round += 1) {
    const before = await taskMs();
    const rowsSeen = await page.evaluate(async (frames) => {
      const scroller = document.querySelector('.chat-messages');
      if (!scroller) throw new Error('there is no list');
      let seen = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        scroller.scrollTop -= 100;
        await new Promise(requestAnimationFrame);
        if (frame % 10 === 0) seen = Math.max(seen, document.querySelectorAll('.chat-row').length);
      }
      return seen;
    }, FRAMES);
    perFrame = Math.min(perFrame, ((await taskMs()) - before) / FRAMES);
    most = Math.max(most, rowsSeen);
  }
  const inView = Math.ceil((await page.locator('.chat-messages').evaluate((one) => one.clientHeight)) / 36);
  console.log(
    `10,000 messages: ${perFrame.toFixed(2)} ms of CPU per frame, at most ${most} rows in the page`,
  );
  expect(most).toBeLessThanOrEqual(Math.min(16, inView) + 12);
  expect(await rows(page).count()).toBeLessThanOrEqual(28);
  expect(perFrame).toBeLessThan(4);

  const drift = await watch(page);
  await server.write(ben, ann, ['one more']);
  expect(await drift()).toBeLessThan(1);
});
