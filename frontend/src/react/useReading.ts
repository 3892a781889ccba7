/** Where the reader is: kept at the end or left alone, told what is new below, and what he has read. */

import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ConversationHandle, Thread } from '../client';

/** Rows are measured in the frames after they appear. */
const SETTLE_MS = 150;
/** The virtualizer gives up after 5 s what it could not reach; on a busy device it may need all of them. */
const AIM_MS = 6000;

/** By these the reader takes the list into his own hand. */
const HAND = ['wheel', 'touchmove', 'pointerdown', 'keydown'];

interface Aim {
  key: string;
  index: number;
  align: 'start' | 'center' | 'auto';
  until: number;
}

export interface ReadingOptions {
  scroller: RefObject<HTMLElement | null>;
  virtualizer: Virtualizer<HTMLElement, Element>;
  handle: ConversationHandle;
  thread: Thread;
  endPx: number;
  /** Key of the message the line "New messages" stands above; `undefined` until it is known. */
  divider: string | null | undefined;
}

export function useReading({ scroller, virtualizer, handle, thread, endPx, divider }: ReadingOptions) {
  const { messages, hasOlder, loading, loadError } = thread;
  const [isAtEnd, setAtEnd] = useState(true);
  // The newest message the reader has had before his eyes.
  const [seen, setSeen] = useState<string | null>(null);
  const pinned = useRef(true);
  const isPlaced = useRef(false);
  const hasScrolled = useRef(false);
  const last = messages.at(-1);

  // The row the list is on its way to. The virtualizer knows it by its index only, and an older page that
  // arrives meanwhile makes that the index of another row.
  const aim = useRef<Aim | null>(null);

  const jumpToEnd = useCallback(() => {
    pinned.current = true;
    aim.current = null;
    virtualizer.scrollToEnd();
  }, [virtualizer]);

  const goTo = useCallback(
    (key: string, index: number, align: Aim['align']) => {
      pinned.current = false;
      aim.current = { key, index, align, until: performance.now() + AIM_MS };
      virtualizer.scrollToIndex(index, { align });
    },
    [virtualizer],
  );
  useLayoutEffect(() => {
    const at = aim.current;
    if (!at) return;
    const index = messages.findIndex((message) => message.key === at.key);
    if (index < 0 || performance.now() > at.until) aim.current = null;
    else if (index !== at.index) goTo(at.key, index, at.align);
  }, [messages, goTo]);

  // Asked on every scrolled frame: so from what the virtualizer knows, never from the page, which would have to
  // be laid out for the answer.
  const look = useCallback(() => {
    const { scrollOffset, scrollRect } = virtualizer;
    if (scrollOffset === null || !scrollRect) return;
    pinned.current = virtualizer.getTotalSize() - scrollOffset - scrollRect.height <= endPx;
    setAtEnd(pinned.current);
  }, [virtualizer, endPx]);

  // Where a conversation opens: at the first unread message, else at the end.
  const dividerIndex = useMemo(
    () => (divider ? messages.findIndex((message) => message.key === divider) : -1),
    [divider, messages],
  );
  const placedAt = useRef(-1);
  useLayoutEffect(() => {
    if (messages.length === 0) return;
    const isNewDivider = dividerIndex >= 0 && placedAt.current < 0 && !hasScrolled.current;
    if (isPlaced.current && !isNewDivider) return;
    isPlaced.current = true;
    if (dividerIndex >= 0) {
      placedAt.current = dividerIndex;
      goTo(divider ?? '', dividerIndex, 'start');
    } else {
      virtualizer.scrollToEnd();
    }
  }, [messages.length, divider, dividerIndex, goTo, virtualizer]);

  // What the reader sends himself, he wants to see.
  const lastKey = last?.key ?? null;
  const lastIsFresh = last?.own === true && last.status === 'pending';
  const before = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (before.current !== null && before.current !== lastKey && lastIsFresh) jumpToEnd();
    before.current = lastKey;
  }, [lastKey, lastIsFresh, jumpToEnd]);

  // A keyboard on the screen, or a writing field that grows, must not hide the end.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (pinned.current && isPlaced.current) virtualizer.scrollToEnd();
      look();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, virtualizer, look]);

  const mayLoad = hasOlder && loading === null && loadError === null && messages.length > 0;
  const loadNear = useCallback(() => {
    const { scrollOffset, scrollRect } = virtualizer;
    if (!mayLoad || !isPlaced.current || scrollOffset === null || !scrollRect) return;
    // Early enough that the reader does not meet the upper edge.
    if (scrollOffset < 2 * scrollRect.height) handle.loadOlder().catch(() => {});
  }, [virtualizer, mayLoad, handle]);
  useEffect(loadNear, [loadNear]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = () => {
      look();
      loadNear();
    };
    const onHand = () => {
      hasScrolled.current = true;
      aim.current = null;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    for (const name of HAND) element.addEventListener(name, onHand, { passive: true });
    return () => {
      element.removeEventListener('scroll', onScroll);
      for (const name of HAND) element.removeEventListener(name, onHand);
    };
  }, [scroller, look, loadNear]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new messages may push the end away
  useEffect(look, [look, lastKey]);

  useEffect(() => {
    if (isAtEnd) setSeen(lastKey);
  }, [isAtEnd, lastKey]);

  // Only once the list stands where it opens: until then the end may be in view by chance.
  const [isSettled, setSettled] = useState(false);
  const isKnown = divider !== undefined && messages.length > 0;
  useEffect(() => {
    if (!isKnown) return;
    const timer = setTimeout(() => {
      look();
      setSettled(true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isKnown, look]);

  useMarkRead(handle, isSettled && isAtEnd, lastKey);

  return { isAtEnd, newCount: isAtEnd ? 0 : countAfter(messages, seen), jumpToEnd, goTo };
}

/** Messages of the other below the one seen last. */
function countAfter(messages: Thread['messages'], seen: string | null): number {
  let count = 0;
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (!message || message.key === seen) return count;
    if (!message.own) count += 1;
  }
  return seen === null ? 0 : count;
}

/** Marks as read what is really before somebody's eyes: end in view, tab visible, window in use. */
function useMarkRead(handle: ConversationHandle, isInView: boolean, lastKey: string | null) {
  useEffect(() => {
    if (!isInView || lastKey === null) return;
    const mark = () => {
      if (document.visibilityState === 'visible' && document.hasFocus()) handle.markRead();
    };
    mark();
    window.addEventListener('focus', mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      window.removeEventListener('focus', mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [handle, isInView, lastKey]);
}
