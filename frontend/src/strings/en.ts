/** Every text of the kit in English. Texts with numbers or names are functions, so that other languages can inflect. */

import { buttonStrings } from './button';

export const en = {
  ...buttonStrings,

  // The window
  chatWith: (name: string) => `Chat with ${name}`,
  close: 'Close chat',
  back: 'Back to conversations',
  online: 'Online',
  offline: 'Offline',
  lastSeen: (ago: string) => `Last seen ${ago}`,
  typing: (name: string) => `${name} is typing…`,

  // The connection
  statusConnecting: 'Connecting…',
  statusOnline: 'Connected',
  statusReconnecting: 'Reconnecting…',
  statusOffline: 'Offline',
  statusUnauthorized: 'Signed out',
  statusClosed: 'Disconnected',
  reconnect: 'Reconnect',
  offlineHint: 'You are offline. Messages will be sent when you are back.',
  reconnectingHint: 'Connection lost. Trying again…',
  unauthorizedHint: 'Your session has ended. Sign in again to chat.',
  closedHint: 'The server ended this connection.',

  // Messages
  messagesWith: (name: string) => `Messages with ${name}`,
  loadingMessages: 'Loading messages…',
  loadingOlder: 'Loading older messages…',
  loadFailed: 'Messages could not be loaded.',
  olderFailed: 'Older messages could not be loaded.',
  tryAgain: 'Try again',
  emptyConversation: (name: string) => `Start your conversation with ${name}`,
  emptyHint: 'Say hello. Messages appear here as they are sent.',
  beginning: (name: string) => `This is the beginning of your conversation with ${name}`,
  jumpToLatest: 'Jump to latest',
  jumpToLatestCount: (count: number) =>
    count === 1 ? 'Jump to latest, 1 new message' : `Jump to latest, ${count} new messages`,
  unreadDivider: 'New messages',
  today: 'Today',
  yesterday: 'Yesterday',
  you: 'You',
  edited: 'edited',
  deletedMessage: 'This message was deleted',
  statusPending: 'Sending',
  statusSent: 'Sent',
  statusDelivered: 'Delivered',
  statusRead: 'Read',
  statusFailed: 'Not sent',
  failedBecause: (reason: string) => `Not sent: ${reason}`,
  retry: 'Retry',
  discard: 'Delete',
  unsentMessages: (count: number) =>
    count === 1 ? '1 message was not sent' : `${count} messages were not sent`,
  retryAll: 'Retry all',
  quoteOf: (name: string) => `In reply to ${name}`,
  quoteDeleted: 'Deleted message',
  toggleReaction: (reaction: string, count: number) =>
    `${reaction}, ${count === 1 ? '1 reaction' : `${count} reactions`}`,

  // What can be done with a message
  messageActions: 'Message actions',
  actionsFor: (name: string, time: string) => `Actions for the message of ${name}, ${time}`,
  react: (reaction: string) => `React with ${reaction}`,
  reply: 'Reply',
  edit: 'Edit',
  copy: 'Copy text',
  deleteForEveryone: 'Delete for everyone',
  deleteForMe: 'Delete for me',
  confirmDelete: 'Delete? Press again',

  // Writing
  messagePlaceholder: (name: string) => `Message ${name}…`,
  messageTo: (name: string) => `Message to ${name}`,
  send: 'Send message',
  save: 'Save change',
  replyingTo: (name: string) => `Replying to ${name}`,
  editing: 'Editing message',
  cancel: 'Cancel',
  charactersLeft: (count: number) =>
    count < 0
      ? `${-count} characters too many`
      : count === 1
        ? '1 character left'
        : `${count} characters left`,

  // Lists
  conversations: 'Conversations',
  loadingConversations: 'Loading conversations…',
  noConversations: 'No conversations yet',
  noConversationsHint: 'Find somebody and write the first message.',
  draft: 'Draft:',
  searchPeople: 'Search people',
  searchPlaceholder: 'Search people by name',
  noPeople: (query: string) => `Nobody found for “${query}”`,
  searchFailed: 'The search failed.',
  peopleFound: (count: number) => (count === 1 ? '1 person found' : `${count} people found`),
  follow: 'Follow',
  following: 'Following',
  followName: (name: string) => `Follow ${name}`,
  unfollowName: (name: string) => `Unfollow ${name}`,

  // Notifications
  notifications: 'Notifications',
  unreadNotifications: (count: number) =>
    count === 0
      ? 'Notifications'
      : count === 1
        ? 'Notifications, 1 unread'
        : `Notifications, ${count} unread`,
  noNotifications: 'No notifications',
  markAllRead: 'Mark all as read',
  unread: 'Unread',
  dismiss: 'Dismiss',
  open: 'Open',

  // Read out by screen readers
  announceMessage: (name: string, text: string) => `${name}: ${text}`,
  announceMessages: (count: number) => `${count} new messages`,
  announceFailed: 'A message was not sent',
};

/** The texts an application may replace, all or some. */
export type ChatStrings = typeof en;
