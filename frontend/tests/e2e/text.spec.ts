/** All kinds of text: shown as it is, never run. */
import { composer, expect, openChat, row, say, test, texts } from './fixtures';

const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked=2">',
  '"><svg onload=window.hacked=3>',
  'javascript:window.hacked=4//',
  '[click](javascript:window.hacked=5)',
  '<a href="javascript:window.hacked=6">a</a>',
  'data:text/html,<script>window.hacked=7</script>',
  '{{constructor.constructor("window.hacked=8")()}}',
  '&lt;b&gt;not bold&lt;/b&gt;',
];

test('markup and scripts are text, in messages and in names', async ({ server, visit }) => {
  const ann = await server.person('Ann');
  const mallory = await server.person('Mallory', {
    first_name: '<img src=x onerror=window.hacked=9>',
    last_name: '\u202eevil\u202c',
  });
  await server.write(mallory, ann, HOSTILE);
  const page = await openChat(visit, ann, mallory);
  const policy = (await fetch(server.url, { headers: { Accept: 'text/html' } })).headers.get(
    'Content-Security-Policy',
  );
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain('unsafe');
  const violations: string[] = [];
  await page.exposeFunction('noteViolation', (text: string) => violations.push(text));
  await page.evaluate(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      (window as unknown as { noteViolation: (text: string) => void }).noteViolation(event.violatedDirective),
    ),
  );

  await expect(texts(page)).toHaveText(HOSTILE);
  await expect(page.locator('.chat-user-name')).toHaveText('<img src=x onerror=window.hacked=9> evil');
  await expect(
    page.locator('.chat-messages img, .chat-messages script, .chat-messages svg:not(.chat-svg)'),
  ).toHaveCount(0);
  for (const href of await page
    .locator('.chat-messages a')
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))) {
    expect(href).toMatch(/^(https?|mailto):/);
  }
  for (const text of HOSTILE) await say(page, text);
  await expect(texts(page).last()).toHaveText(HOSTILE.at(-1) ?? '');
  expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
  expect(violations).toEqual([]);
});

test('emoji, right to left, long words and a thousand characters', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, ann, ben);
  const arabic = 'مرحبا، كيف حالك اليوم؟';
  const thousand = 'Lorem ipsum dolor sit amet. '.repeat(36).slice(0, 1000).trim();
  const word = 'x'.repeat(300);
  for (const text of ['👩‍👩‍👧‍👦🇩🇪', arabic, thousand, word, 'שלום and English', '7']) await say(page, text);

  await expect(row(page, '7').locator('.message-status')).toHaveAttribute('data-status', /sent|delivered/);
  await expect(row(page, '👩‍👩‍👧‍👦🇩🇪').locator('.message-content')).toHaveAttribute('data-emoji', 'true');
  await expect(row(page, '7').locator('.message-content')).not.toHaveAttribute('data-emoji');
  const arabicText = row(page, arabic).locator('.message-text');
  expect(await arabicText.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
  const overflow = await page
    .locator('.chat-messages')
    .evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(overflow).toBe(0);
  expect(await server.texts(ann, ben)).toContain(thousand);
});

test('a text that is too long is not sent, and says by how much', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, ann, ben);
  await composer(page).fill('a'.repeat(8003));
  await expect(page.locator('.chat-counter')).toHaveText('3 characters too many');
  await composer(page).press('Enter');
  await expect(page.locator('.chat-row')).toHaveCount(0);
  await composer(page).fill('😀'.repeat(7999));
  await expect(page.locator('.chat-counter')).toHaveText('1 character left');
});

test('addresses become links that give nothing away', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, ann, ben);
  await say(page, 'see https://example.com/a?b=1 or write to x@example.com.');
  const links = page.locator('.chat-link');
  await expect(links).toHaveText(['https://example.com/a?b=1', 'x@example.com']);
  await expect(links.first()).toHaveAttribute('rel', 'noopener noreferrer nofollow ugc');
  await expect(links.last()).toHaveAttribute('href', 'mailto:x@example.com');
});

test('Enter belongs to an input method while it composes', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await openChat(visit, ann, ben);
  await composer(page).focus();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  await devtools.send('Input.dispatchKeyEvent', {
    type: 'keyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 229,
  });
  await expect(page.locator('.chat-row')).toHaveCount(0);
  await devtools.send('Input.insertText', { text: '日本' });
  await expect(composer(page)).toHaveValue('日本');
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('二');
  await composer(page).press('Enter');
  await expect(texts(page)).toHaveText(['日本\n二']);
});

test('a window written from right to left', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['שלום']);
  const page = await openChat(visit, ann, ben);
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  const [panel, bubble] = await Promise.all([
    page.locator('.chat-panel').boundingBox(),
    page.locator('.message-content').boundingBox(),
  ]);
  if (!panel || !bubble) throw new Error('nothing is shown');
  // What others write stands at the beginning of the line: on the right now.
  expect(bubble.x + bubble.width).toBeGreaterThan(panel.x + panel.width * 0.8);
});
