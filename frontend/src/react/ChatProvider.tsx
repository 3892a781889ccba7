/** Gives one client, one look and one language to everything below. */

import { type ReactNode, useEffect, useMemo } from 'react';
import type { ChatClient } from '../client';
import type { ChatStrings } from '../strings/en';
import { type ChatComponents, ChatContext, type ChatSettings, type ChatTheme } from './context';
import { defaultClient } from './defaultClient';

export interface ChatProviderProps {
  /** Made with `createChatClient`. Left out: one that takes its token from `localStorage.access`. */
  client?: ChatClient;
  /** Texts that replace the English ones. */
  strings?: Partial<ChatStrings>;
  /** `system` (the default) follows the device, or a `data-theme` further up the page. */
  theme?: ChatTheme;
  dir?: 'ltr' | 'rtl';
  components?: ChatComponents;
  children?: ReactNode;
}

export function ChatProvider(props: ChatProviderProps) {
  const { client, strings, theme = 'system', dir, components, children } = props;
  const settings = useMemo<ChatSettings>(
    () => ({
      client: client ?? defaultClient(),
      strings,
      components: components ?? {},
      root: { ...(theme !== 'system' && { 'data-theme': theme }), ...(dir && { dir }) },
    }),
    [client, strings, theme, dir, components],
  );
  const used = settings.client;
  useEffect(() => {
    used.connect();
    return () => used.disconnect();
  }, [used]);
  return <ChatContext.Provider value={settings}>{children}</ChatContext.Provider>;
}
