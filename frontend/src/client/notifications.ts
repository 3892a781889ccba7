/** Notifications, and the second connection that keeps them live while somebody watches. */

import type { Context } from './context';
import type { Conversations } from './conversations';
import { idOf } from './ids';
import { toNotification } from './normalize';
import type { NotificationsApi } from './surface';
import { createTransport, type TransportOptions } from './transport';
import type { ChatNotification, Id, NotificationsState, WireFrame, WireNotification } from './types';

/** As many as the server lists. */
const KEEP = 200;

export interface Notifications extends NotificationsApi {
  /** The client connected or disconnected. */
  update(): void;
}

export function createNotifications(
  context: Context,
  conversations: Conversations,
  options: Omit<TransportOptions, 'firstFrame' | 'onFrame' | 'onStatus' | 'onDown'> & {
    /** Whether the client is in use. */
    isWanted(): boolean;
  },
): Notifications {
  const { api, state } = context;
  let watchers = 0;
  /** Whether the list was loaded on this connection. */
  let isFresh = false;
  const set = (patch: Partial<NotificationsState>) =>
    state.set({ notifications: { ...state.get().notifications, ...patch } });
  const change = (which: (item: ChatNotification) => boolean) => {
    const { items } = state.get().notifications;
    set({ items: items.map((item) => (which(item) && !item.isRead ? { ...item, isRead: true } : item)) });
  };
  const update = () => {
    if (options.isWanted() && watchers > 0) transport.start();
    else transport.stop();
  };
  const read = (wire: WireNotification) => {
    conversations.remember([wire.actor]);
    return toNotification(wire);
  };

  const load = async () => {
    const [list, count] = await Promise.all([
      api.get<WireNotification[]>('notifications/'),
      api.get<{ unread_count: number }>('notifications/unread_count/'),
    ]);
    set({ items: list.map(read).slice(0, KEEP), unread: count.unread_count, loaded: true });
    state.flush();
  };
  const mark = async (id: string | null) => {
    const before = state.get().notifications;
    change((item) => id === null || item.id === id);
    const wasUnread = before.items.some((item) => item.id === id && !item.isRead);
    set({ unread: id === null ? 0 : Math.max(0, before.unread - (wasUnread ? 1 : 0)) });
    state.flush();
    try {
      const path = id === null ? 'mark_all_read/' : `${encodeURIComponent(id)}/mark_read/`;
      await api.request('POST', `notifications/${path}`);
    } catch (error) {
      state.set({ notifications: before });
      state.flush();
      throw error;
    }
  };

  const onFrame = (frame: WireFrame) => {
    if (frame.type === 'unread_count' && !isFresh) {
      isFresh = true;
      load().catch(() => {});
    }
    const count = frame.type === 'unread_count' ? frame.count : frame.notification_count;
    if (typeof count === 'number') set({ unread: count });
    if (frame.type === 'new_notification') {
      const notification = read(frame.notification as WireNotification);
      const { items } = state.get().notifications;
      if (items.some((item) => item.id === notification.id)) return;
      set({ items: [notification, ...items].slice(0, KEEP) });
      context.emit('notification', { notification });
    } else if (frame.type === 'notification_marked_read') {
      const id = idOf(frame.notification_id as Id);
      change((item) => item.id === id);
    } else if (frame.type === 'all_notifications_marked_read') change(() => true);
  };

  const transport = createTransport({
    ...options,
    firstFrame: 'unread_count',
    onFrame,
    onStatus() {},
    onDown() {
      isFresh = false;
    },
  });

  return {
    watch() {
      watchers += 1;
      update();
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        watchers -= 1;
        update();
      };
    },
    load,
    markRead: (id) => mark(id),
    markAllRead: () => mark(null),
    update,
  };
}
