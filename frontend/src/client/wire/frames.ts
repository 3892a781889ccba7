/** Written by `npm run types` from `docs/asyncapi.json`: do not edit. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A person inside messages and conversations. Never carries an e-mail address. */
        ChatUser: {
            avatar: string | null;
            display_name: string;
            first_name: string;
            full_name: string;
            /** Format: int64 */
            id: number;
            is_online: boolean;
            last_name: string;
            last_seen: components["schemas"]["Timestamp"] | null;
            profile_picture: string | null;
            username: string;
            userprofile: components["schemas"]["ChatUserProfile"];
        };
        /** @description The nested avatar the old dashboard reads. */
        ChatUserProfile: {
            avatar: string | null;
        };
        /** @description One conversation in the list, or after it was created. */
        Conversation: {
            conversation_id: components["schemas"]["ConversationId"];
            created_at: components["schemas"]["Timestamp"];
            id: components["schemas"]["ConversationId"];
            lastMessage: components["schemas"]["LastMessage"];
            last_activity: components["schemas"]["Timestamp"];
            /** Format: int64 */
            last_seq: number;
            latest_message: components["schemas"]["Message"] | null;
            other_participant: components["schemas"]["ChatUser"] | null;
            participant: components["schemas"]["ChatUser"] | null;
            participants: components["schemas"]["ChatUser"][];
            partner: components["schemas"]["ChatUser"] | null;
            /** Format: int64 */
            read_seq: number;
            /** Format: int64 */
            rev: number;
            /** Format: int64 */
            unreadCount: number;
            /** Format: int64 */
            unread_count: number;
            updated_at: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @description Names a conversation.
         * @example 01a20d7b-b974-7025-9a15-65e9af6a1053
         */
        ConversationId: string;
        /** @description How far a member has come. */
        CursorView: {
            /** Format: int64 */
            delivered_seq: number;
            /** Format: int64 */
            read_seq: number;
            /** Format: int64 */
            user_id: number;
        };
        /** @description What stands where the newest message of an empty conversation would. */
        EmptyMessage: {
            content: string;
            created_at: components["schemas"]["Timestamp"];
            id?: null;
            sender: components["schemas"]["EmptySender"];
            text: string;
            timestamp: components["schemas"]["Timestamp"];
        };
        EmptySender: {
            id?: null;
            username: string;
        };
        /**
         * @description What a client can branch on in an `error` event or an error body.
         * @enum {string}
         */
        ErrorCode: "invalid_frame" | "unknown_type" | "not_authenticated" | "required" | "invalid" | "too_long" | "not_found" | "forbidden" | "self_recipient" | "rate_limited" | "overloaded" | "unavailable" | "restarting" | "storage_full" | "taken" | "internal";
        /**
         * Format: uuid
         * @description Names a follow.
         * @example 01a20d7c-02c1-7d2e-8a55-0f4f7a6d0c11
         */
        FollowId: string;
        /** @description The new follower in an event. */
        Follower: {
            full_name: string;
            /** Format: int64 */
            id: number;
            profile_picture: string | null;
            username: string;
        };
        /** @description The newest message, or its empty stand-in: the old dashboard dereferences it unasked. */
        LastMessage: components["schemas"]["Message"] | components["schemas"]["EmptyMessage"];
        /**
         * @description One message. Looks the same to its sender and its recipient: `is_read` and `is_delivered` speak
         *     of the members other than the sender.
         */
        Message: {
            body: string;
            client_id: string | null;
            content: string;
            conversation: components["schemas"]["ConversationId"];
            conversation_id: components["schemas"]["ConversationId"];
            created_at: components["schemas"]["Timestamp"];
            delivered_by_users: components["schemas"]["ChatUser"][];
            delivered_to: string[];
            edited_at: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["MessageId"];
            is_deleted: boolean;
            is_delivered: boolean;
            is_edited: boolean;
            is_read: boolean;
            reaction_counts: {
                [key: string]: number;
            };
            reactions: components["schemas"]["Reaction"][];
            read_by_users: components["schemas"]["ChatUser"][];
            recipient: components["schemas"]["ChatUser"] | null;
            reply_to: components["schemas"]["Quote"] | null;
            reply_to_id: components["schemas"]["MessageId"] | null;
            /** Format: int64 */
            rev: number;
            sender: components["schemas"]["ChatUser"];
            /** Format: int64 */
            seq: number;
            text: string;
            timestamp: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @description Names a message; a UUID of version 7.
         * @example 01a20d7b-b975-73fe-b0bf-4962af7b18a6
         */
        MessageId: string;
        /** @description One notification, the same over REST and WebSocket. */
        Notification: {
            action_url: string | null;
            actor: components["schemas"]["Person"] | null;
            created_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            id: number;
            is_read: boolean;
            message: string;
            payload: Record<string, never>;
            sender: components["schemas"]["NotificationSender"] | null;
            target_name: string | null;
            timestamp: components["schemas"]["Timestamp"];
            title: string;
            type: string;
            updated_at: components["schemas"]["Timestamp"];
            user: components["schemas"]["Person"];
            verb: string;
        };
        /** @description Who caused it, as the old notifications page reads it. */
        NotificationSender: {
            avatar: string | null;
            name: string;
            username: string;
        };
        /** @description `UserBasic` */
        Person: {
            first_name: string;
            full_name: string;
            /** Format: int64 */
            id: number;
            last_name: string;
            profile_picture: string | null;
            username: string;
        };
        /** @description The beginning of the message another one answers. */
        Quote: {
            content: string;
            id: components["schemas"]["MessageId"];
            sender: components["schemas"]["QuotedUser"];
            text: string;
        };
        /** @description The sender of a quoted message. */
        QuotedUser: {
            full_name: string;
            /** Format: int64 */
            id: number;
            username: string;
        };
        /** @description One member's reaction. */
        Reaction: {
            created_at: components["schemas"]["Timestamp"];
            reaction: string;
            reaction_type: string;
            user: components["schemas"]["QuotedUser"];
        };
        /** @description How far a conversation has been read in which nothing else changed. */
        ReceiptsView: {
            conversation_id: components["schemas"]["ConversationId"];
            cursors: components["schemas"]["CursorView"][];
            /** Format: int64 */
            unread_count: number;
        };
        /** @description The end of an answer. */
        ResumedView: {
            complete: boolean;
            epoch: string;
            gone: components["schemas"]["ConversationId"][];
            receipts: components["schemas"]["ReceiptsView"][];
        };
        /** @description What changed in one conversation. */
        SyncView: {
            /** @description With `reset` only. */
            conversation?: components["schemas"]["Conversation"];
            conversation_id: components["schemas"]["ConversationId"];
            cursors: components["schemas"]["CursorView"][];
            /** Format: int64 */
            from_rev: number;
            has_more: boolean;
            has_older: boolean;
            hidden: components["schemas"]["MessageId"][];
            /** Format: int64 */
            last_seq: number;
            messages: components["schemas"]["Message"][];
            reset: boolean;
            /**
             * Format: int64
             * @description How far the client has come with this.
             */
            rev: number;
            /** Format: int64 */
            unread_count: number;
        };
        /**
         * Format: date-time
         * @description A moment in UTC, with six digits.
         * @example 2026-11-24T12:15:41.940635Z
         */
        Timestamp: string;
        /** @description Who is typing. */
        Typist: {
            full_name: string;
            /** Format: int64 */
            id: number;
            username: string;
        };
        /** @description All are read now. */
        "event.all_notifications_marked_read": {
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "all_notifications_marked_read";
            /** Format: int64 */
            updated_count: number;
        };
        /** @description The answer to `authenticate`. */
        "event.authenticated": {
            /** @enum {string} */
            type: "authenticated";
            /** Format: int64 */
            user_id: number;
            username: string;
        };
        /** @description The first event. */
        "event.connection_established": {
            /** @description The identity of the database, where one can resume. */
            epoch?: string | null;
            message?: string;
            /** @enum {string} */
            type: "connection_established";
            /** Format: int64 */
            user_id: number | null;
            username: string;
        };
        /** @description The listener has taken the conversation out of his list. */
        "event.conversation_hidden": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "conversation_hidden";
        };
        /** @description The answer to `join_conversation`. */
        "event.conversation_joined": {
            conversation_id: string;
            /** @enum {string} */
            type: "conversation_joined";
        };
        /** @description The answer to `leave_conversation`. */
        "event.conversation_left": {
            conversation_id: string;
            /** @enum {string} */
            type: "conversation_left";
        };
        /** @description A change took a number that the listener has nothing to learn of. */
        "event.conversation_rev": {
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "conversation_rev";
        };
        /** @description The conversation has come into the listener's list without a message. */
        "event.conversation_shown": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "conversation_shown";
        };
        /** @description A conversation has come into the listener's list, for the first time or again. */
        "event.conversation_updated": {
            conversation: components["schemas"]["Conversation"];
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "conversation_updated";
        };
        /** @description The frame changed nothing. */
        "event.error": {
            client_id?: string;
            code: components["schemas"]["ErrorCode"];
            field?: string;
            message: string;
            /**
             * Format: int32
             * @description Seconds to wait before the same request can succeed.
             */
            retry_after?: number;
            /** @enum {string} */
            type: "error";
        };
        /** @description To `/ws/messaging/`. */
        "event.follow_notification": {
            follow_id: components["schemas"]["FollowId"];
            follower: components["schemas"]["Follower"];
            message: string;
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "follow_notification";
        };
        /** @description To the reader: the answer to `mark_read`. */
        "event.mark_read_success": {
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"] | null;
            message_ids: components["schemas"]["MessageId"][];
            /** Format: int64 */
            read_seq: number;
            /** @enum {string} */
            type: "mark_read_success";
        };
        /** @description Alias of `new_message` that the old Messages page listens for. */
        "event.message": {
            conversation_id: components["schemas"]["ConversationId"];
            message: components["schemas"]["Message"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "message";
        };
        /** @description To both, or to the one who hid it: it is gone. */
        "event.message_deleted": {
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "message_deleted";
        };
        /** @description To the sender: the recipient has been given the message; on `/ws/messaging/` only before `message_sent`. */
        "event.message_delivered": {
            conversation_id: components["schemas"]["ConversationId"];
            delivered_at: components["schemas"]["Timestamp"];
            delivered_to: string;
            /** Format: int64 */
            delivered_to_id: number;
            message_id: components["schemas"]["MessageId"];
            /** @enum {string} */
            type: "message_delivered";
        };
        /** @description To the author: somebody has read his messages. */
        "event.message_read": {
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"];
            message_ids: components["schemas"]["MessageId"][];
            read_at: components["schemas"]["Timestamp"];
            read_by: string;
            /** Format: int64 */
            read_by_id: number;
            /** Format: int64 */
            read_seq: number;
            /** @enum {string} */
            type: "message_read";
        };
        /** @description To the sender: the message is stored. On `/ws/messaging/` the answer to `send_message`. */
        "event.message_sent": {
            client_id: string | null;
            conversation_id: components["schemas"]["ConversationId"];
            duplicate: boolean;
            message: components["schemas"]["Message"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "message_sent";
        };
        /** @description To both: a message has a new text. */
        "event.message_updated": {
            conversation_id: components["schemas"]["ConversationId"];
            message: components["schemas"]["Message"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "message_updated";
        };
        /** @description To the recipient. */
        "event.new_message": {
            conversation_id: components["schemas"]["ConversationId"];
            message: components["schemas"]["Message"];
            /** Format: int64 */
            prev_rev: number;
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "new_message";
        };
        /** @description To `/ws/notifications/`. */
        "event.new_notification": {
            notification: components["schemas"]["Notification"];
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "new_notification";
        };
        /** @description One is read now. */
        "event.notification_marked_read": {
            /** Format: int64 */
            notification_id: number;
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "notification_marked_read";
        };
        /** @description The answer to `ping`. */
        "event.pong": {
            /** @enum {string} */
            type: "pong";
        };
        /** @description The answer to `ping`. */
        "event.pong_with_timestamp": {
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "pong";
        };
        /** @description To both: the reactions of a message as they are now; on `/ws/messaging/` after joining. */
        "event.reaction_update": {
            added: boolean;
            conversation_id: components["schemas"]["ConversationId"];
            message_id: components["schemas"]["MessageId"];
            /** Format: int64 */
            prev_rev: number;
            reaction: string;
            reaction_counts: {
                [key: string]: number;
            };
            reactions: components["schemas"]["Reaction"][];
            /** Format: int64 */
            rev: number;
            /** @enum {string} */
            type: "reaction_update";
            user: string;
            /** Format: int64 */
            user_id: number;
        };
        /** @description The server is about to close this connection: come back after so many milliseconds. */
        "event.reconnect": {
            /** Format: int64 */
            after_ms: number;
            /** @enum {string} */
            type: "reconnect";
        };
        /** @description The end of the answer to `resume`. */
        "event.resumed": components["schemas"]["ResumedView"] & {
            /** @enum {string} */
            type: "resumed";
        };
        /** @description What the listener missed in one conversation, and that this was all. */
        "event.sync": components["schemas"]["SyncView"] & {
            /** @enum {string} */
            type: "sync";
        };
        /** @description First thing a connection to `/ws/notifications/` hears, and after every mark. */
        "event.unread_count": {
            /** Format: int64 */
            count: number;
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "unread_count";
        };
        /** @description To `/ws/notifications/` and `/ws/messaging/`. */
        "event.unread_count_update": {
            /** Format: int64 */
            message_count: number;
            /** Format: int64 */
            notification_count: number;
            timestamp: components["schemas"]["Timestamp"];
            /** @enum {string} */
            type: "unread_count_update";
        };
        /** @description Somebody who shares a conversation with the listener came or went. */
        "event.user_status": {
            is_online: boolean;
            last_active: components["schemas"]["Timestamp"] | null;
            last_seen: components["schemas"]["Timestamp"] | null;
            status: string;
            /** @enum {string} */
            type: "user_status";
            /** Format: int64 */
            user_id: number;
            username: string;
        };
        /** @description Never sent to the one who types. */
        "event.user_typing": {
            conversation_id: components["schemas"]["ConversationId"];
            is_typing: boolean;
            /** @enum {string} */
            type: "user_typing";
            user: components["schemas"]["Typist"];
        };
        /** @description Gives a reaction, in place of any other. */
        "frame.add_reaction": {
            message_id: components["schemas"]["MessageId"];
            /** @description An emoji or a word: 1 to 10 code points without spaces. `reaction_type` is another name. */
            reaction: string;
            /** @enum {string} */
            type: "add_reaction";
        };
        /** @description Gives an identity to a connection without one, or confirms it with a fresh token. */
        "frame.authenticate": {
            /** @description An access token. */
            token: string;
            /** @enum {string} */
            type: "authenticate";
        };
        /** @description Lets the connection hear typing and reactions in a conversation. */
        "frame.join_conversation": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "join_conversation";
        };
        /** @description Ends that. */
        "frame.leave_conversation": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "leave_conversation";
        };
        /** @description Marks all notifications as read. */
        "frame.mark_all_notifications_read": {
            /** @enum {string} */
            type: "mark_all_notifications_read";
        };
        /** @description Marks a notification as read. */
        "frame.mark_notification_read": {
            /** Format: int64 */
            notification_id: number;
            /** @enum {string} */
            type: "mark_notification_read";
        };
        /** @description Marks as read a message and everything before it, or a whole conversation. */
        "frame.mark_read": {
            conversation_id?: components["schemas"]["ConversationId"] | null;
            message_id?: components["schemas"]["MessageId"] | null;
            /** @enum {string} */
            type: "mark_read";
        };
        /** @description Sends a message. The first one between two people opens their conversation. */
        "frame.message": {
            /** @description The sender's own name for the message: a repeat with the same one is stored once. */
            client_id?: string | null;
            conversation_id?: components["schemas"]["ConversationId"] | null;
            /**
             * Format: int64
             * @description To whom; or `conversation_id`.
             */
            recipient_id?: number | null;
            reply_to_id?: components["schemas"]["MessageId"] | null;
            /**
             * @description At most 8000 characters unless the server is configured otherwise. Surrounding white space
             *     is removed; `content` is accepted as another name.
             */
            text: string;
            /** @enum {string} */
            type: "message";
        };
        /** @description Answered with `pong`. */
        "frame.ping": {
            /** @enum {string} */
            type: "ping";
        };
        /** @description Gives a reaction, or takes it back if it is the one that stands. */
        "frame.react": {
            message_id: components["schemas"]["MessageId"];
            reaction: string;
            /** @enum {string} */
            type: "react";
        };
        /** @description Takes back whichever reaction stands. */
        "frame.remove_reaction": {
            message_id: components["schemas"]["MessageId"];
            reaction: string;
            /** @enum {string} */
            type: "remove_reaction";
        };
        /** @description Asks for what was missed: answered by `sync` for each conversation, and `resumed`. */
        "frame.resume": {
            /** @description The number of the last change known, for each conversation. */
            cursors: {
                [key: string]: number;
            };
            /** @description The database the numbers are of. */
            epoch?: string | null;
            /** @enum {string} */
            type: "resume";
        };
        /** @description Sends a message, like `message` on `/ws/chat/`; `message_sent` comes on this connection. */
        "frame.send_message": {
            client_id?: string | null;
            /**
             * @description At most 8000 characters unless the server is configured otherwise; `text` is accepted as
             *     another name.
             */
            content: string;
            conversation_id?: components["schemas"]["ConversationId"] | null;
            /**
             * Format: int64
             * @description To whom. Wins over `conversation_id`.
             */
            recipient_id?: number | null;
            reply_to_id?: components["schemas"]["MessageId"] | null;
            /** @enum {string} */
            type: "send_message";
        };
        /** @description The user types; repeat it while he does. There is no answer. */
        "frame.typing_start": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "typing_start";
        };
        /** @description The user no longer types. There is no answer. */
        "frame.typing_stop": {
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "typing_stop";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
