/** Long conversations, and a rule to hold against the line being read. */
import type { Page } from '@playwright/test';
import type { ChatClient } from '../../src/client';
import type { Person, Server } from './server';

const WORDS =
  'the quick brown fox jumps over a lazy dog while nobody in the whole village seems to care'.split(' ');

/** Texts of very different length, always the same. */
export function textOf(index: number): string {
  const length = 1 + ((index * 7919) % 60);
  return `${index}: ${Array.from({ length }, (_, word) => WORDS[(index + word * 5) % WORDS.length]).join(' ')}`;
}

export async function fill(server: Server, from: Person, to: Person, count: number) {
  const path = `/api/messaging/conversations/${await server.conversation(from, to)}/messages/`;
  for (let index = 0; index < count; index += 1) {
    await server.ask('POST', path, { content: textOf(index) }, index % 3 ? from : to);
  }
}

export type Window = { chatClient: ChatClient; drift?: Promise<number> };

/** Begins to watch the row in the middle of the view; the answer is how far it ever moved, in pixels. */
export async function watch(page: Page, frames = 60): Promise<() => Promise<number>> {
  await page.evaluate((count) => {
    const scroller = document.querySelector('.chat-messages');
    if (!scroller) throw new Error('there is no list');
    const { top, height } = scroller.getBoundingClientRect();
    const middle = [...document.querySelectorAll<HTMLElement>('.chat-row')].find(
      (element) => element.getBoundingClientRect().bottom > top + height / 2,
    );
    const key = middle?.dataset.key ?? '';
    const find = () => document.querySelector(`.chat-row[data-key="${CSS.escape(key)}"]`);
    const start = find()?.getBoundingClientRect().bottom ?? 0;
    let worst = 0;
    (window as unknown as Window).drift = new Promise((done) => {
      const look = (left: number) => {
        const now = find()?.getBoundingClientRect().bottom ?? 1e6;
        worst = Math.max(worst, Math.abs(now - start));
        if (left > 0) requestAnimationFrame(() => look(left - 1));
        else done(worst);
      };
      look(count);
    });
  }, frames);
  return () => page.evaluate(() => (window as unknown as Window).drift ?? Promise.resolve(1e6));
}

export const distanceFromEnd = (page: Page) =>
  page.locator('.chat-messages').evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);

/** Stands still somewhere in the middle, away from both ends. */
export async function readInTheMiddle(page: Page, fraction = 0.5) {
  await page.locator('.chat-messages').hover();
  await page.mouse.wheel(0, -200);
  await page.locator('.chat-messages').evaluate((one, at) => {
    one.scrollTop = one.scrollHeight * at;
  }, fraction);
  await page.waitForTimeout(400);
}
