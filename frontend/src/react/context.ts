/** What components read from the nearest provider, or from nothing at all. */

import { type ComponentType, createContext, useContext, useEffect } from 'react';
import type { ChatClient, ChatMessage, ChatUser, UserLike } from '../client';
import type { ChatStrings } from '../strings/en';
import { defaultClient } from './defaultClient';

export type ChatTheme = 'light' | 'dark' | 'system';

/** Parts an application may replace. */
export interface ChatComponents {
  Avatar?: ComponentType<{ user: ChatUser; size: number }>;
  /** The bubble of a message. The row around it (position, actions, status line) stays. */
  Message?: ComponentType<{ message: ChatMessage; sender: ChatUser }>;
  DateSeparator?: ComponentType<{ date: Date; label: string }>;
}

export interface ChatSettings {
  client: ChatClient;
  strings: Partial<ChatStrings> | undefined;
  components: ChatComponents;
  /** Attributes for the root of everything the kit draws. */
  root: { 'data-theme'?: 'light' | 'dark'; dir?: 'ltr' | 'rtl' };
}

export const ChatContext = createContext<ChatSettings | null>(null);

const NO_COMPONENTS: ChatComponents = {};
const NO_ROOT = {};
let bare: ChatSettings | undefined;

/** The settings in force, for parts inside of something that keeps the client connected. */
export function useSettings(): ChatSettings {
  const provided = useContext(ChatContext);
  if (provided) return provided;
  bare ??= { client: defaultClient(), strings: undefined, components: NO_COMPONENTS, root: NO_ROOT };
  return bare;
}

/** The settings in force. Without a provider, the component itself keeps the default client connected. */
export function useChat(): ChatSettings {
  const settings = useSettings();
  const own = settings === bare ? settings.client : null;
  useEffect(() => {
    if (!own) return;
    own.connect();
    return () => own.disconnect();
  }, [own]);
  return settings;
}

/** The client in force. */
export function useChatClient(): ChatClient {
  return useChat().client;
}

/** A name to show for whatever a page knows of somebody. */
export function nameOf(user: Partial<UserLike> | null | undefined): string {
  if (!user) return '';
  const whole = [user.first_name, user.last_name].filter(Boolean).join(' ');
  return user.full_name || user.name || user.display_name || whole || user.username || '';
}
