/** What every browser test has: a server, people, tabs, and the promise that nothing leaves this machine. */
import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  type Locator,
  type Page,
} from '@playwright/test';
import { type Person, Server } from './server';

export { expect } from '@playwright/test';
export type { Person };

/** A tab in which somebody is signed in. */
export interface Tab {
  page: Page;
  context: BrowserContext;
}

interface TestFixtures {
  /** Signs somebody in, in a browser of his own (or in `context`, as another tab), and opens a page of the demo. */
  visit: (
    person: Person | null,
    route?: string,
    options?: BrowserContextOptions & { in?: BrowserContext; server?: { url: string } },
  ) => Promise<Page>;
  /** A server of this test alone, for tests that stop it. */
  ownServer: Server;
}

interface WorkerFixtures {
  server: Server;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: the shape Playwright asks for
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: the shape Playwright asks for
  ownServer: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },

  visit: async ({ browser, server, contextOptions }, use, info) => {
    const contexts = new Set<BrowserContext>();
    const complaints: string[] = [];
    const project = info.project.use as BrowserContextOptions;
    const device = {
      viewport: project.viewport,
      ...(project.isMobile !== undefined && { isMobile: project.isMobile }),
      ...(project.hasTouch !== undefined && { hasTouch: project.hasTouch }),
    };

    await use(async (person, route = 'chat-demo', options = {}) => {
      const { in: given, server: chosen, ...more } = options;
      const at = chosen ?? server;
      const context =
        given ?? (await browser.newContext({ ...contextOptions, ...device, baseURL: at.url, ...more }));
      if (!contexts.has(context)) {
        contexts.add(context);
        context.on('request', (request) => {
          const { hostname, protocol } = new URL(request.url());
          if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') {
            complaints.push(`request to ${request.url()}`);
          }
        });
      }
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
      page.on('console', (message) => {
        const text = message.text();
        // What the network does is part of some tests; what the code says is not.
        if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(text)) {
          complaints.push(`console: ${text}`);
        }
      });
      page.on('websocket', (socket) => {
        if (new URL(socket.url()).hostname !== '127.0.0.1') complaints.push(`socket to ${socket.url()}`);
      });
      if (person) {
        const { access, refresh, username } = person;
        // Every tab is somebody of its own.
        await page.addInitScript(
          (session) => {
            sessionStorage.setItem('demo-session', JSON.stringify(session));
          },
          { access, refresh, username },
        );
      }
      await page.goto(`/#/${route}`);
      return page;
    });

    for (const context of contexts) await context.close();
    if (info.status === info.expectedStatus) base.expect(complaints).toEqual([]);
  },
});

/** The conversation with somebody as a whole page, ready to write. */
export async function openChat(
  visit: TestFixtures['visit'],
  me: Person,
  other: Person,
  options?: Parameters<TestFixtures['visit']>[2],
): Promise<Page> {
  const page = await visit(me, `messages/${other.id}`, options);
  await composer(page).waitFor();
  await page.locator('.chat-panel .connection-status[data-status="online"]').waitFor();
  return page;
}

export const composer = (page: Page): Locator => page.locator('.chat-input');
export const rows = (page: Page): Locator => page.locator('.chat-row');
export const texts = (page: Page): Locator => page.locator('.message-text');

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The row with this text. */
export const row = (page: Page, text: string): Locator =>
  page.locator('.chat-row').filter({ has: page.locator('.message-text').getByText(text, { exact: true }) });
