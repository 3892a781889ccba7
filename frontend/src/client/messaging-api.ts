/** The original front end's `messagingAPI`, function by function. */

import type { Api } from './api';
import type { MessagingAPI } from './surface';
import type { Id } from './types';

const part = (id: Id) => encodeURIComponent(String(id));
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function createMessagingApi({ request }: Api): MessagingAPI {
  const conversation = (id: Id, rest = '') => `messaging/conversations/${part(id)}/${rest}`;
  const message = (id: Id, rest = '') => `messaging/messages/${part(id)}/${rest}`;
  const paging = (page?: number | { page?: number; before?: Id; page_size?: number }) =>
    typeof page === 'number' ? { page } : { ...page };
  const getUnreadCount: MessagingAPI['getUnreadCount'] = () => request('GET', 'messaging/unread-count/');
  return {
    getConversations: () => request('GET', 'messaging/conversations/'),
    createConversation: (participant_username, initial_message = null) =>
      request('POST', 'messaging/conversations/', { body: { participant_username, initial_message } }),
    getConversation: (id) => request('GET', conversation(id)),
    getMessages: (id, page) => request('GET', conversation(id, 'messages/'), { query: paging(page) }),
    sendMessage(id, content, replyToIdOrType = null, messageType) {
      const isType = messageType === undefined && replyToIdOrType !== null && !UUID.test(replyToIdOrType);
      return request('POST', conversation(id, 'messages/'), {
        body: {
          content,
          reply_to_id: isType ? null : replyToIdOrType,
          message_type: isType ? replyToIdOrType : (messageType ?? 'text'),
        },
      });
    },
    addReaction: (id, reaction_type) =>
      request('POST', message(id, 'reactions/'), { body: { reaction_type } }),
    removeReaction: (id) => request('DELETE', message(id, 'reactions/remove/')),
    getUserStatus: (id) => request('GET', `messaging/users/${part(id)}/status/`),
    markMessagesRead: (id, message_ids) =>
      request('POST', conversation(id, 'mark-messages-read/'), { body: { message_ids } }),
    markConversationRead: (id) => request('POST', conversation(id, 'mark-read/')),
    startTyping: (id) => request('POST', conversation(id, 'typing/start/')),
    stopTyping: (id) => request('POST', conversation(id, 'typing/stop/')),
    getUnreadCount,
    getMessage: (id) => request('GET', message(id)),
    getMessagesWithUser: (user_id, page) =>
      request('GET', 'messaging/messages/', { query: { user_id, ...paging(page) } }),
    getUnreadMessagesCount: (userId) =>
      userId === undefined || userId === null
        ? getUnreadCount()
        : request('GET', `messaging/messages/user/${part(userId)}/unread/`),
  };
}
