/**
 * What the client reads, held against what the server documents: the compiler stops at a shape that has become
 * another, and at a field that is read but no longer documented. Nothing of this exists at run time.
 */

import type {
  WireConversation,
  WireCursor,
  WireFollowAnswer,
  WireFollowed,
  WireHistory,
  WireMessage,
  WireNotification,
  WireReaction,
  WireUser,
  WireUserStatus,
} from '../types';
import type { Answer, Schemas } from './index';

type True<T extends true> = T;

/** The document can be read as this, and knows every field of it but those of servers of other ages. */
type Reads<Documented extends Read, Read, Other extends keyof Read = never> = [
  Exclude<keyof Read, keyof Documented | Other>,
] extends [never]
  ? true
  : Exclude<keyof Read, keyof Documented | Other>;

export type Checks = [
  True<Reads<Schemas['ChatUser'], WireUser, 'last_active'>>,
  True<Reads<Schemas['Reaction'], WireReaction>>,
  True<Reads<Schemas['Message'], WireMessage>>,
  True<Reads<Schemas['CursorView'], WireCursor>>,
  True<Reads<Answer<'get', '/api/messaging/conversations/'>[number], WireConversation>>,
  True<Reads<Answer<'get', '/api/messaging/conversations/{id}/'>, WireConversation>>,
  True<Reads<Answer<'get', '/api/messaging/messages/'>, WireHistory>>,
  True<
    Reads<
      Answer<'get', '/api/messaging/conversations/{id}/messages/'>,
      WireHistory,
      'messages' | 'conversation_id'
    >
  >,
  True<Reads<Answer<'get', '/api/messaging/users/{id}/status/'>, WireUserStatus>>,
  True<Reads<Answer<'get', '/api/notifications/'>[number], WireNotification>>,
  True<Reads<Answer<'put', '/api/follow/toggle/{id}/'>, WireFollowAnswer>>,
  True<Reads<Answer<'get', '/api/follow/following/{id}/'>['results'][number], WireFollowed>>,
];
