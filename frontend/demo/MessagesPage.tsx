/** The inbox: conversations beside the open one; on a phone one after the other. */

import { ChatPanel, ConversationList, en, UserSearch, useChatState } from '../src/react';
import { Icon } from '../src/react/icons';
import { go } from './route';

export default function MessagesPage({ selectedId }: { selectedId: string | null }) {
  const known = useChatState((state) => (selectedId ? state.users[selectedId] : undefined));
  return (
    <main className="demo-inbox" data-open={selectedId !== null || undefined}>
      <h1 className="demo-hidden">Messages</h1>
      <div className="demo-inbox-list">
        <UserSearch onSelect={(user) => go(`messages/${user.id}`)} />
        <ConversationList selectedId={selectedId} onSelect={(user) => go(`messages/${user.id}`)} />
      </div>
      <div className="demo-inbox-chat">
        {selectedId ? (
          <ChatPanel
            recipientUser={known ?? { id: selectedId }}
            headerStart={
              <button
                type="button"
                className="chat-icon-button demo-back"
                aria-label={en.back}
                onClick={() => go('messages')}
              >
                <Icon name="back" />
              </button>
            }
          />
        ) : (
          <p className="demo-muted demo-none">Choose a conversation, or find somebody to write to.</p>
        )}
      </div>
    </main>
  );
}
