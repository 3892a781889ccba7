/** Public entry of the React kit. */

export type * from '../client';
export { createChatClient } from '../client';
export type { ChatStrings } from '../strings/en';
export { en } from '../strings/en';
export { Avatar, type AvatarProps } from './Avatar';
export { type ChatButtonProps, default as ChatButton } from './ChatButton';
export { type ChatModalProps, default as ChatModal } from './ChatModal';
export { ChatPanel, type ChatPanelProps } from './ChatPanel';
export { ChatProvider, type ChatProviderProps } from './ChatProvider';
export { ConnectionStatus } from './ConnectionStatus';
export { ConversationList, type ConversationListProps } from './ConversationList';
export { type ChatComponents, type ChatTheme, useChatClient } from './context';
export { defaultClient, defaultClientOptions } from './defaultClient';
export { FollowButton, type FollowButtonProps } from './FollowButton';
export {
  type UserSearchResult,
  useChatState,
  useConnectionStatus,
  useConversation,
  useConversations,
  useFollow,
  useMe,
  useMessages,
  useNotifications,
  usePerson,
  usePresence,
  useTyping,
  useUnreadCount,
  useUserSearch,
} from './hooks';
export { MessageComposer, type MessageComposerProps } from './MessageComposer';
export { MessageList, type MessageListProps } from './MessageList';
export { NotificationBell, type NotificationBellProps } from './NotificationBell';
export { NotificationToasts, type NotificationToastsProps } from './NotificationToasts';
export { UnreadBadge, type UnreadBadgeProps } from './UnreadBadge';
export { UserSearch, type UserSearchProps } from './UserSearch';
