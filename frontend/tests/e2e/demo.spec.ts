/** The demo itself, from signing in to signing out. */
import { composer, expect, row, say, test, texts } from './fixtures';

test('sign in, follow, find, write, be notified, sign out', async ({ ownServer, visit }) => {
  const password = 'correct horse';
  for (const name of ['alice_dev', 'bob_designer']) {
    const [first_name = '', last_name = ''] = name.split('_');
    await ownServer.ask('POST', '/api/users/', { username: name, password, first_name, last_name });
  }
  const page = await visit(null, '', { server: ownServer });
  await page.getByRole('button', { name: /alice_dev/ }).click();
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('No active account');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/#\/chat-demo$/);

  const card = page.locator('.demo-card', { hasText: 'bob' });
  await card.getByRole('button', { name: /^Follow/ }).click();
  await expect(card.getByRole('button', { name: /^Unfollow/ })).toHaveText('Following');
  await expect(page.locator('.demo-row')).toContainText('bob');

  await page.getByRole('combobox').fill('design');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.locator('dialog')).toBeVisible();
  await say(page, 'Hi Bob');
  await expect(texts(page)).toHaveText(['Hi Bob']);
  await page.keyboard.press('Escape');

  const bob = await visit(null, 'login', { server: ownServer });
  await bob.getByLabel('User name').fill('bob_designer');
  await bob.getByLabel('Password').fill(password);
  await bob.getByLabel('Password').press('Enter');
  await expect(bob.getByRole('button', { name: /Notifications, 2 unread/ })).toBeVisible();
  await bob.getByRole('button', { name: /Notifications/ }).click();
  await expect(bob.getByRole('dialog', { name: 'Notifications' })).toContainText('started following you');
  await bob.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(bob.getByRole('button', { name: 'Notifications', exact: true })).toBeVisible();
  await bob.keyboard.press('Escape');

  await page.locator('.demo-card', { hasText: 'bob' }).getByRole('button', { name: 'Message' }).click();
  await say(page, 'Are you there?');
  await expect(bob.locator('.chat-toast')).toContainText('Are you there?');
  await bob.locator('.chat-toast-body').click();
  await expect(bob).toHaveURL(/#\/messages\/\d+$/);
  await expect(row(bob, 'Are you there?')).toBeVisible();
  await expect(composer(bob)).toBeEnabled();

  await bob.getByRole('button', { name: /Sign out/ }).click();
  await expect(bob.getByRole('heading', { name: /Sign in/ })).toBeVisible();
  expect(await bob.evaluate(() => sessionStorage.getItem('demo-session'))).toBeNull();
});

test('/chat-demo is a page, and many buttons share one connection', async ({ server, visit }) => {
  const ann = await server.person('Ann');
  for (let index = 0; index < 4; index += 1) await server.person('Ben');
  const page = await visit(ann);
  const sockets: string[] = [];
  await expect(page.locator('.demo-header .connection-status')).toHaveText('Connected');
  page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
  await page.goto('/chat-demo');
  await expect(page.locator('.demo-card').first()).toBeVisible();
  await expect(page.locator('.demo-header .connection-status')).toHaveText('Connected');
  expect(sockets.filter((path) => path === '/ws/chat/')).toHaveLength(1);
});

test('every variant and size has the classes of the original', async ({ visit }) => {
  const page = await visit(null, 'gallery');
  for (const variant of ['primary', 'secondary', 'outline', 'success', 'dark', 'text']) {
    for (const size of ['small', 'medium', 'large']) {
      await expect(
        page.locator(`button.chat-button.chat-button-${variant}.chat-button-${size}`).first(),
      ).toBeVisible();
    }
  }
});

test('rules of the page for plain elements do not get into the kit', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  await server.write(ben, ann, ['a link: https://example.com']);
  const page = await visit(ann, `messages/${ben.id}`);
  await expect(texts(page)).toHaveText(['a link: https://example.com']);
  const look = () =>
    page.locator('.chat-panel').evaluate((panel) =>
      [panel, ...panel.querySelectorAll('*')].map((element) => {
        const style = getComputedStyle(element);
        const { width, height } = element.getBoundingClientRect();
        return [
          element.className,
          style.color,
          style.padding,
          style.margin,
          style.fontSize,
          width,
          height,
        ].join(' ');
      }),
    );
  // The page around it does change, and must not count.
  await page.locator('.demo-inbox-chat').evaluate((element) => {
    element.style.cssText = 'position: fixed; inset: 0';
  });
  await composer(page).focus();
  const before = await look();
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      a { color: red } p { margin: 30px } ol, ul { padding: 40px; margin: 9px } li { margin: 7px }
      button { padding: 12px; border-radius: 0; background: lime; font-size: 30px; text-transform: uppercase }
      h2 { font-size: 60px; margin: 1em } textarea { height: 200px; font-size: 8px } svg { width: 99px } section { margin: 5px }
    `);
    document.adoptedStyleSheets.push(sheet);
  });
  expect(await look()).toEqual(before);
});

test('the theme follows the device until somebody chooses, and is kept', async ({ server, visit }) => {
  const [ann, ben] = [await server.person('Ann'), await server.person('Ben')];
  const page = await visit(ann, `messages/${ben.id}`, { colorScheme: 'dark' });
  const ground = () => page.locator('.chat-panel').evaluate((one) => getComputedStyle(one).backgroundColor);
  await expect.poll(ground).toBe('rgb(22, 25, 30)');

  const choose = page.getByRole('button', { name: /^Theme/ });
  await choose.click();
  await expect(choose).toHaveText('Theme: light');
  await expect.poll(ground).toBe('rgb(255, 255, 255)');
  await page.reload();
  await expect(choose).toHaveText('Theme: light');
  await expect.poll(ground).toBe('rgb(255, 255, 255)');
  await choose.click();
  await expect(choose).toHaveText('Theme: dark');
  await expect.poll(ground).toBe('rgb(22, 25, 30)');
});
