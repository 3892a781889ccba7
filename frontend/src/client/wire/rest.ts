/** Written by `npm run types` from `docs/openapi.json`: do not edit. */

export interface paths {
    "/api/follow/follow/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Follow the person named in the body */
        post: operations["follow_named"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/followers/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who follows somebody */
        get: operations["list_followers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/following/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom somebody follows */
        get: operations["list_following"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/my-stats/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers of followers of the caller */
        get: operations["my_follow_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/notifications/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who has begun to follow the caller */
        get: operations["list_follow_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/notifications/read-all/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark all follows as read */
        post: operations["read_follow_notifications"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/notifications/{id}/read/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a follow as read */
        post: operations["read_follow_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/search/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People by name */
        get: operations["search_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/stats/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers of followers of somebody */
        get: operations["follow_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/suggestions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People the caller might want to follow */
        get: operations["suggest_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/toggle/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Follow somebody
         * @description Repeating is no error.
         */
        put: operations["follow"];
        post?: never;
        /**
         * Follow somebody no longer
         * @description Repeating is no error.
         */
        delete: operations["unfollow"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/follow/unfollow/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Follow somebody no longer
         * @deprecated
         * @description Another name of `unfollow`.
         */
        post: operations["unfollow_by_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's conversations */
        get: operations["list_conversations"];
        put?: never;
        /**
         * Start a conversation, or find the one there is
         * @description Names the other person by the first of `target_user_id`, `participant_id`, `recipient_id`, `user_id`, or else of `participant_username`, `recipient_username`.
         */
        post: operations["start_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/create/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's conversations
         * @deprecated
         * @description Another name of `list_conversations`.
         */
        get: operations["list_conversations_at_create"];
        put?: never;
        /**
         * Start a conversation, or find the one there is
         * @deprecated
         * @description Another name of `start_conversation`.
         */
        post: operations["start_conversation_at_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/legacy/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a conversation, or find the one there is
         * @deprecated
         * @description Another name of `start_conversation`.
         */
        post: operations["start_conversation_at_legacy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A conversation with a page of its messages
         * @description Opening it marks it as read.
         */
        get: operations["conversation"];
        /** Changes nothing; there for old clients */
        put: operations["write_conversation"];
        post?: never;
        /**
         * Hide a conversation
         * @description Out of the caller's list until the next message, or until he starts it again.
         */
        delete: operations["hide_conversation"];
        options?: never;
        head?: never;
        /** Changes nothing; there for old clients */
        patch: operations["write_conversation_by_patch"];
        trace?: never;
    };
    "/api/messaging/conversations/{id}/changes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller missed in one conversation */
        get: operations["list_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/mark-messages-read/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark as read up to the newest of the named messages */
        post: operations["mark_messages_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/mark-read/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a conversation as read */
        post: operations["mark_conversation_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/messages/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of the messages of a conversation */
        get: operations["list_messages"];
        put?: never;
        /**
         * Send a message
         * @description It arrives live like one sent over WebSocket.
         */
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/typing/start/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell that the caller types */
        post: operations["start_typing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/conversations/{id}/typing/stop/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell that the caller no longer types */
        post: operations["stop_typing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/messages/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of the messages with one person */
        get: operations["messages_with_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/messages/user/{id}/unread/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Unread messages of one person */
        get: operations["unread_count_with"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/messages/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message */
        get: operations["message"];
        /** Change the text of a message */
        put: operations["edit_message"];
        post?: never;
        /**
         * Delete a message
         * @description By its author for both, by the other for himself.
         */
        delete: operations["delete_message"];
        options?: never;
        head?: never;
        /** Change the text of a message */
        patch: operations["edit_message_by_patch"];
        trace?: never;
    };
    "/api/messaging/messages/{id}/reactions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a reaction, in place of any other of the caller */
        post: operations["add_reaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/messages/{id}/reactions/remove/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back the caller's reaction */
        post: operations["remove_reaction_by_post"];
        /** Take back the caller's reaction */
        delete: operations["remove_reaction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/sync/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller missed in all his conversations */
        get: operations["sync"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/unread-count/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Unread messages in all conversations */
        get: operations["unread_count"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/users/{id}/status/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether somebody is online
         * @description For people who share a conversation with the caller.
         */
        get: operations["user_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messaging/ws-ticket/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A ticket that opens one WebSocket
         * @description Used once, within 30 s. A user has at most 10 unused ones; the oldest makes room.
         */
        post: operations["issue_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's notifications */
        get: operations["list_notifications"];
        put?: never;
        /** Note something for oneself */
        post: operations["create_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/mark_all_read/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark all notifications as read */
        post: operations["read_notifications"];
        delete?: never;
        options?: never;
        head?: never;
        /** Mark all notifications as read */
        patch: operations["read_notifications_by_patch"];
        trace?: never;
    };
    "/api/notifications/settings/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller wants to be told of */
        get: operations["notification_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change what the caller wants to be told of
         * @description Fields that are given replace those of that name; null removes one. `false` under the name of a verb (`message`, `reply`, `reaction`, `follow`) switches its notifications off; anything else is kept for the client, in at most 4096 bytes of JSON.
         */
        patch: operations["change_notification_settings"];
        trace?: never;
    };
    "/api/notifications/unread_count/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Unread notifications */
        get: operations["unread_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One notification */
        get: operations["notification"];
        put?: never;
        post?: never;
        /** Delete a notification */
        delete: operations["delete_notification"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/notifications/{id}/mark_read/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a notification as read */
        post: operations["read_notification"];
        delete?: never;
        options?: never;
        head?: never;
        /** Mark a notification as read */
        patch: operations["read_notification_by_patch"];
        trace?: never;
    };
    "/api/users/me/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's own account */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the caller's names and picture */
        patch: operations["update_profile"];
        trace?: never;
    };
    "/api/users/username/{name}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An account by its exact user name */
        get: operations["user_by_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A fresh access token. */
        AccessToken: {
            access: string;
        };
        /** @description A user as he sees himself, or as the by-username lookup shows him. */
        Account: {
            /** Format: int64 */
            id: number;
            username: string;
            email: string | null;
            first_name: string;
            last_name: string;
            full_name: string;
            date_joined: components["schemas"]["Timestamp"];
            is_staff: boolean;
            is_superuser: boolean;
            is_active: boolean;
            /** Format: int64 */
            followers_count: number;
            /** Format: int64 */
            following_count: number;
            is_following: boolean;
            avatar: string | null;
            profile_picture: string | null;
        };
        /** @description The reaction that stands now. */
        AddedReaction: {
            status: string;
            message: string;
            reaction: components["schemas"]["AddedReactionDetail"];
        };
        AddedReactionDetail: {
            /** @description Of the message. */
            id: components["schemas"]["MessageId"];
            reaction_type: string;
            user: components["schemas"]["QuotedUser"] | null;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description One line of the record of what administrators do. */
        AdminAccess: {
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            admin_id: number;
            /**
             * @description `list_users`, `view_user`, `list_conversations`, `view_history`, `view_edits`,
             *     `delete_message`, `activate_user` or `deactivate_user`.
             */
            action: string;
            /**
             * Format: int64
             * @description Whom it was about.
             */
            user_id?: number | null;
            conversation_id?: components["schemas"]["ConversationId"] | null;
            message_id?: components["schemas"]["MessageId"] | null;
            /** @description What was searched for. */
            note?: string | null;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description An account as administrators see it. */
        AdminAccount: {
            /** Format: int64 */
            id: number;
            username: string;
            email?: string | null;
            first_name: string;
            last_name: string;
            full_name: string;
            user_type: string;
            avatar?: string | null;
            is_staff: boolean;
            is_superuser: boolean;
            is_active: boolean;
            is_online: boolean;
            date_joined: components["schemas"]["Timestamp"];
            last_active?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A conversation as administrators see it. */
        AdminConversation: {
            id: components["schemas"]["ConversationId"];
            members: components["schemas"]["AdminMember"][];
            /**
             * Format: int64
             * @description Deleted ones included.
             */
            message_count: number;
            created_at: components["schemas"]["Timestamp"];
            last_message_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description What a message said before an edit. */
        AdminEdit: {
            /**
             * Format: int64
             * @description The change number of the edit.
             */
            rev: number;
            old_content: string;
            edited_at: components["schemas"]["Timestamp"];
        };
        /** @description A message and what it has said before, oldest first. */
        AdminEdits: {
            message: components["schemas"]["AdminMessage"];
            edits: components["schemas"]["AdminEdit"][];
        };
        /** @description Messages of a conversation, newest first. */
        AdminHistory: {
            has_more: boolean;
            /**
             * Format: int64
             * @description What to give as `before` for older ones.
             */
            next_before?: number | null;
            results: components["schemas"]["AdminMessage"][];
        };
        /** @description Somebody who belongs to a conversation, or has. */
        AdminMember: {
            user: components["schemas"]["Person"];
            left_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A message as administrators see it: with its text even when it is deleted. */
        AdminMessage: {
            id: components["schemas"]["MessageId"];
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            seq: number;
            /** Format: int64 */
            rev: number;
            sender?: components["schemas"]["Person"] | null;
            /** Format: int64 */
            sender_id: number;
            /** Format: int64 */
            recipient_id?: number | null;
            content: string;
            reply_to_id?: components["schemas"]["MessageId"] | null;
            created_at: components["schemas"]["Timestamp"];
            edited_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description How often its text was changed.
             */
            edit_count: number;
            is_deleted: boolean;
            deleted_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description Its author, or an administrator.
             */
            deleted_by?: number | null;
        };
        /** @description A bad request: what went wrong, or the wrong fields and what is wrong with each. */
        BadRequest: components["schemas"]["Problem"] | components["schemas"]["ErrorText"] | {
            [key: string]: string[];
        };
        /** @description What is to be changed; the rest stays. */
        Changes: {
            first_name?: string | null;
            last_name?: string | null;
            /**
             * @description An address with http or https; null or blank takes the picture away.
             * @example https://example.org/nadia.png
             */
            avatar_url?: string | null;
        };
        /** @description A person inside messages and conversations. Never carries an e-mail address. */
        ChatUser: {
            /** Format: int64 */
            id: number;
            username: string;
            first_name: string;
            last_name: string;
            full_name: string;
            display_name: string;
            is_online: boolean;
            last_seen: components["schemas"]["Timestamp"] | null;
            avatar: string | null;
            profile_picture: string | null;
            userprofile: components["schemas"]["ChatUserProfile"];
        };
        /** @description The nested avatar the old dashboard reads. */
        ChatUserProfile: {
            avatar: string | null;
        };
        /** @description One conversation in the list, or after it was created. */
        Conversation: {
            id: components["schemas"]["ConversationId"];
            conversation_id: components["schemas"]["ConversationId"];
            participants: components["schemas"]["ChatUser"][];
            other_participant: components["schemas"]["ChatUser"] | null;
            participant: components["schemas"]["ChatUser"] | null;
            partner: components["schemas"]["ChatUser"] | null;
            latest_message: components["schemas"]["Message"] | null;
            lastMessage: components["schemas"]["LastMessage"];
            /** Format: int64 */
            unread_count: number;
            /** Format: int64 */
            unreadCount: number;
            last_activity: components["schemas"]["Timestamp"];
            created_at: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            last_seq: number;
            /** Format: int64 */
            rev: number;
            /** Format: int64 */
            read_seq: number;
        };
        /**
         * Format: uuid
         * @description Names a conversation.
         * @example 01a20d7b-b974-7025-9a15-65e9af6a1053
         */
        ConversationId: string;
        /** @description A conversation with a page of its messages, the oldest first. */
        ConversationWithMessages: components["schemas"]["Conversation"] & {
            messages: components["schemas"]["Message"][];
            has_more: boolean;
        };
        /** @description How far a member has come. */
        CursorView: {
            /** Format: int64 */
            user_id: number;
            /** Format: int64 */
            read_seq: number;
            /** Format: int64 */
            delivered_seq: number;
        };
        Description: {
            name: string;
            status: string;
            version: string;
            /** @description Names and paths. */
            endpoints: {
                [key: string]: string;
            };
        };
        /** @description A device that wants to be woken. */
        Device: {
            /** Format: int64 */
            id: number;
            token: string;
            platform: string;
            name?: string | null;
            created_at: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description What stands where the newest message of an empty conversation would. */
        EmptyMessage: {
            id?: null;
            content: string;
            text: string;
            timestamp: components["schemas"]["Timestamp"];
            created_at: components["schemas"]["Timestamp"];
            sender: components["schemas"]["EmptySender"];
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
        /** @description What went wrong, under the other name. */
        ErrorText: {
            /** @description Text for people. */
            error: string;
        };
        /** @description A follow as its follower sees it. */
        Follow: {
            id: components["schemas"]["FollowId"];
            follower: components["schemas"]["Person"];
            followed: components["schemas"]["Person"];
            created_at: components["schemas"]["Timestamp"];
            is_active: boolean;
        };
        /**
         * Format: uuid
         * @description Names a follow.
         * @example 01a20d7c-02c1-7d2e-8a55-0f4f7a6d0c11
         */
        FollowId: string;
        /** @description A follow as the followed person is told of it. */
        FollowNotice: {
            id: components["schemas"]["FollowId"];
            follower: components["schemas"]["Person"];
            follow_date: components["schemas"]["Timestamp"];
            is_read: boolean;
            read_at: components["schemas"]["Timestamp"] | null;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description One row of a list of followers, or of people somebody follows. */
        FollowRow: {
            id: components["schemas"]["FollowId"];
            follow_date: components["schemas"]["Timestamp"];
            mutual_follow: boolean;
            user: components["schemas"]["Person"];
        };
        FollowStats: {
            /** Format: int64 */
            followers_count: number;
            /** Format: int64 */
            following_count: number;
            is_following: boolean;
            is_followed_by: boolean;
        };
        FollowTarget: {
            /** Format: int64 */
            id: number;
            username: string;
            /** Format: int64 */
            followers_count: number;
            /** Format: int64 */
            following_count: number;
        };
        /** @description How things stand after following, or following no longer. */
        Following: {
            status: string;
            is_following: boolean;
            state_changed: boolean;
            previous_state: boolean;
            message: string;
            target_user: components["schemas"]["FollowTarget"];
            follow_data: components["schemas"]["Follow"] | null;
        };
        Health: {
            status: string;
        };
        /** @description The newest message, or its empty stand-in: the old dashboard dereferences it unasked. */
        LastMessage: components["schemas"]["Message"] | components["schemas"]["EmptyMessage"];
        /** @description A page of a list. */
        ListPage_Account: {
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            results: {
                /** Format: int64 */
                id: number;
                username: string;
                email: string | null;
                first_name: string;
                last_name: string;
                full_name: string;
                date_joined: components["schemas"]["Timestamp"];
                is_staff: boolean;
                is_superuser: boolean;
                is_active: boolean;
                /** Format: int64 */
                followers_count: number;
                /** Format: int64 */
                following_count: number;
                is_following: boolean;
                avatar: string | null;
                profile_picture: string | null;
            }[];
        };
        /** @description A page of a list. */
        ListPage_AdminAccount: {
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            results: {
                /** Format: int64 */
                id: number;
                username: string;
                email?: string | null;
                first_name: string;
                last_name: string;
                full_name: string;
                user_type: string;
                avatar?: string | null;
                is_staff: boolean;
                is_superuser: boolean;
                is_active: boolean;
                is_online: boolean;
                date_joined: components["schemas"]["Timestamp"];
                last_active?: components["schemas"]["Timestamp"] | null;
            }[];
        };
        /** @description A page of a list. */
        ListPage_AdminConversation: {
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            results: {
                id: components["schemas"]["ConversationId"];
                members: components["schemas"]["AdminMember"][];
                /**
                 * Format: int64
                 * @description Deleted ones included.
                 */
                message_count: number;
                created_at: components["schemas"]["Timestamp"];
                last_message_at?: components["schemas"]["Timestamp"] | null;
            }[];
        };
        /** @description A page of a list. */
        ListPage_FollowNotice: {
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            results: {
                id: components["schemas"]["FollowId"];
                follower: components["schemas"]["Person"];
                follow_date: components["schemas"]["Timestamp"];
                is_read: boolean;
                read_at: components["schemas"]["Timestamp"] | null;
                created_at: components["schemas"]["Timestamp"];
            }[];
        };
        /** @description A page of a list. */
        ListPage_FollowRow: {
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            results: {
                id: components["schemas"]["FollowId"];
                follow_date: components["schemas"]["Timestamp"];
                mutual_follow: boolean;
                user: components["schemas"]["Person"];
            }[];
        };
        /** @description Name and password. */
        Login: {
            /**
             * @description User name, or e-mail address.
             * @example nadia
             */
            username: string;
            /** @example correct horse */
            password: string;
        };
        MarkedNotification: {
            status: string;
            /** Format: int64 */
            notification_id: number;
        };
        MarkedNotifications: {
            status: string;
            /**
             * Format: int64
             * @description Those that were unread.
             */
            updated_count: number;
        };
        /** @description What became read. */
        MarkedRead: {
            status: string;
            marked: number;
            message_ids: components["schemas"]["MessageId"][];
        };
        /**
         * @description One message. Looks the same to its sender and its recipient: `is_read` and `is_delivered` speak
         *     of the members other than the sender.
         */
        Message: {
            id: components["schemas"]["MessageId"];
            conversation: components["schemas"]["ConversationId"];
            conversation_id: components["schemas"]["ConversationId"];
            sender: components["schemas"]["ChatUser"];
            recipient: components["schemas"]["ChatUser"] | null;
            content: string;
            text: string;
            body: string;
            created_at: components["schemas"]["Timestamp"];
            timestamp: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
            is_edited: boolean;
            edited_at: components["schemas"]["Timestamp"] | null;
            is_deleted: boolean;
            reply_to: components["schemas"]["Quote"] | null;
            reply_to_id: components["schemas"]["MessageId"] | null;
            is_read: boolean;
            is_delivered: boolean;
            read_by_users: components["schemas"]["ChatUser"][];
            delivered_by_users: components["schemas"]["ChatUser"][];
            delivered_to: string[];
            reactions: components["schemas"]["Reaction"][];
            reaction_counts: {
                [key: string]: number;
            };
            /** Format: int64 */
            seq: number;
            /** Format: int64 */
            rev: number;
            client_id: string | null;
        };
        /**
         * Format: uuid
         * @description Names a message; a UUID of version 7.
         * @example 01a20d7b-b975-73fe-b0bf-4962af7b18a6
         */
        MessageId: string;
        /** @description Which messages have been read. */
        MessageIds: {
            message_ids: components["schemas"]["MessageId"][];
        };
        /** @description A page of messages. */
        MessagePage: {
            /**
             * Format: int64
             * @description Messages the caller sees in the whole conversation.
             */
            count: number;
            /** @description URL of the page with older messages. */
            next: string | null;
            previous: string | null;
            has_more: boolean;
            results: components["schemas"]["Message"][];
        };
        /** @description A page of the messages with one person. */
        MessagesWithUser: {
            messages: components["schemas"]["Message"][];
            /** @description The same list as `messages`. */
            results: components["schemas"]["Message"][];
            /** Format: int64 */
            count: number;
            next: string | null;
            previous: string | null;
            has_more: boolean;
            conversation_id: components["schemas"]["ConversationId"] | null;
        };
        Missed: components["schemas"]["ResumedView"] & {
            results: components["schemas"]["SyncView"][];
        };
        /** @description Whom to follow. */
        Named: {
            /**
             * Format: int64
             * @example 9
             */
            user_id: number;
        };
        /** @description Whom to start a conversation with. */
        NewConversation: {
            /**
             * Format: int64
             * @description Id of the other person.
             * @example 9
             */
            target_user_id?: number | null;
            /**
             * Format: int64
             * @description Another name of `target_user_id`.
             */
            participant_id?: number | null;
            /**
             * Format: int64
             * @description Another name of `target_user_id`.
             */
            recipient_id?: number | null;
            /**
             * Format: int64
             * @description Another name of `target_user_id`.
             */
            user_id?: number | null;
            /** @description Exact user name of the other person; looked at when there is no id. */
            participant_username?: string;
            /** @description Another name of `participant_username`. */
            recipient_username?: string;
            /** @description Sent at once; blank means none. */
            initial_message?: string | null;
            /** @description The sender's own name for that message. */
            client_id?: string | null;
        };
        /** @description A message to send. */
        NewMessage: {
            /**
             * @description The text; surrounding white space is removed. At most 8000 characters unless the server is
             *     configured otherwise.
             * @example lunch?
             */
            content?: string | null;
            /** @description Another name of `content`. */
            body?: string | null;
            /** @description Another name of `content`. */
            text?: string | null;
            reply_to_id?: components["schemas"]["MessageId"] | null;
            reply_to?: components["schemas"]["MessageId"] | null;
            /** @description The sender's own name for the message: a repeat with the same one is stored once. */
            client_id?: string | null;
        };
        /** @description A reaction. */
        NewReaction: {
            /**
             * @description An emoji or a word: 1 to 10 code points without spaces.
             * @example 👍
             */
            reaction_type?: string | null;
            /** @description Another name of `reaction_type`. */
            reaction?: string | null;
        };
        /** @description The whole new text of a message. */
        NewText: {
            /**
             * @description At most 8000 characters unless the server is configured otherwise.
             * @example lunch at two?
             */
            content?: string | null;
            /** @description Another name of `content`. */
            body?: string | null;
            /** @description Another name of `content`. */
            text?: string | null;
        };
        /** @description Something is not there, or not the caller's. */
        NotFound: components["schemas"]["Problem"] | components["schemas"]["ErrorText"];
        /** @description A note to oneself. */
        Note: {
            /** @example call Omar */
            message: string;
            /** @description `note` if left out. */
            verb?: string | null;
            /** @description At most 4096 bytes of JSON. */
            payload?: Record<string, never> | null;
        };
        /** @description One notification, the same over REST and WebSocket. */
        Notification: {
            /** Format: int64 */
            id: number;
            user: components["schemas"]["Person"];
            actor: components["schemas"]["Person"] | null;
            sender: components["schemas"]["NotificationSender"] | null;
            verb: string;
            type: string;
            title: string;
            message: string;
            payload: Record<string, never>;
            target_name: string | null;
            action_url: string | null;
            is_read: boolean;
            created_at: components["schemas"]["Timestamp"];
            timestamp: components["schemas"]["Timestamp"];
            updated_at: components["schemas"]["Timestamp"];
        };
        /** @description Who caused it, as the old notifications page reads it. */
        NotificationSender: {
            username: string;
            name: string;
            avatar: string | null;
        };
        /** @description One's own profile. */
        OwnProfile: components["schemas"]["Profile"] & {
            first_name: string;
            last_name: string;
            email?: string | null;
        };
        /** @description `UserBasic` */
        Person: {
            /** Format: int64 */
            id: number;
            username: string;
            first_name: string;
            last_name: string;
            full_name: string;
            profile_picture: string | null;
        };
        /** @description Whether somebody is online. */
        Presence: {
            /** Format: int64 */
            user_id: number;
            username: string;
            is_online: boolean;
            /** @description `online` or `offline`. */
            status: string;
            last_active: components["schemas"]["Timestamp"] | null;
            last_seen: components["schemas"]["Timestamp"] | null;
        };
        /** @description What went wrong. */
        Problem: {
            /** @description Text for people. */
            detail: string;
            /** @description For programs; not every error has one. */
            code?: string;
            /**
             * Format: int32
             * @description Seconds after which the same request may succeed.
             */
            retry_after?: number;
            /** @description What is wrong with a token. */
            messages?: components["schemas"]["TokenProblem"][];
        };
        /**
         * @description `PublicProfile`: what anybody may see of somebody. This system keeps no portfolios; their fields
         *     are there and empty.
         */
        Profile: {
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            userId: number;
            username: string;
            display_name: string;
            full_name: string;
            user: components["schemas"]["ProfileUser"];
            user_type: string;
            avatar: string | null;
            cover_photo: string | null;
            bio: string;
            headline: string;
            skills: string;
            skills_list: string[];
            location: string;
            website: string;
            member_since: components["schemas"]["Timestamp"];
            portfolio_items: string[];
            recognitions_list: string[];
            stats: components["schemas"]["ProfileStats"];
            cover_photo_small: string;
            cover_photo_medium: string;
            cover_photo_large: string;
        };
        ProfileStats: {
            /** Format: int64 */
            followers_count: number;
            /** Format: int64 */
            following_count: number;
            /** Format: int64 */
            projects_count: number;
            is_following: boolean;
        };
        /** @description The nested user that lists of profiles read. */
        ProfileUser: {
            /** Format: int64 */
            id: number;
            username: string;
            first_name: string;
            last_name: string;
        };
        /** @description The beginning of the message another one answers. */
        Quote: {
            id: components["schemas"]["MessageId"];
            content: string;
            text: string;
            sender: components["schemas"]["QuotedUser"];
        };
        /** @description The sender of a quoted message. */
        QuotedUser: {
            /** Format: int64 */
            id: number;
            username: string;
            full_name: string;
        };
        /** @description One member's reaction. */
        Reaction: {
            user: components["schemas"]["QuotedUser"];
            reaction_type: string;
            reaction: string;
            created_at: components["schemas"]["Timestamp"];
        };
        Readiness: {
            status: string;
            /** @description The database may lose confirmed messages in a power cut. */
            unsafe_durability: boolean;
            /** @description What is out of order without keeping the server from its work: `redis`. */
            degraded: string[];
        };
        /** @description How far a conversation has been read in which nothing else changed. */
        ReceiptsView: {
            conversation_id: components["schemas"]["ConversationId"];
            cursors: components["schemas"]["CursorView"][];
            /** Format: int64 */
            unread_count: number;
        };
        /** @description A refresh token. */
        Refresh: {
            refresh: string;
        };
        /** @description A new account. */
        Registration: {
            /**
             * @description Letters, numbers and `@`, `.`, `+`, `-`, `_`.
             * @example nadia
             */
            username: string;
            /** @example correct horse */
            password: string;
            /** Format: email */
            email?: string | null;
            first_name?: string | null;
            last_name?: string | null;
            /** @description `client` if left out. */
            user_type?: string | null;
        };
        /** @description The end of an answer. */
        ResumedView: {
            epoch: string;
            complete: boolean;
            gone: components["schemas"]["ConversationId"][];
            receipts: components["schemas"]["ReceiptsView"][];
        };
        /** @description A message, and whether it was there before. */
        SentMessage: components["schemas"]["Message"] & {
            /** @description The message was stored by an earlier request. */
            duplicate: boolean;
        };
        /** @description It has been done. */
        Success: {
            status: string;
            /** @description Text for people. */
            message?: string;
        };
        /** @description What changed in one conversation. */
        SyncView: {
            conversation_id: components["schemas"]["ConversationId"];
            /** Format: int64 */
            from_rev: number;
            /**
             * Format: int64
             * @description How far the client has come with this.
             */
            rev: number;
            messages: components["schemas"]["Message"][];
            hidden: components["schemas"]["MessageId"][];
            cursors: components["schemas"]["CursorView"][];
            has_more: boolean;
            reset: boolean;
            has_older: boolean;
            /** Format: int64 */
            last_seq: number;
            /** Format: int64 */
            unread_count: number;
            /** @description With `reset` only. */
            conversation?: components["schemas"]["Conversation"];
        };
        TicketView: {
            /**
             * @description Goes into the query of a WebSocket's address: `?ticket=…`. Opens one.
             * @example 8kZ0m2Yk7lqkR7u1pQ0dWJ3m6yq8Yt0xJ7bqf2nE5rM
             */
            ticket: string;
            /**
             * Format: int32
             * @description Seconds.
             */
            expires_in: number;
        };
        /**
         * Format: date-time
         * @description A moment in UTC, with six digits.
         * @example 2026-11-24T12:15:41.940635Z
         */
        Timestamp: string;
        /** @description What is wrong with a token. */
        TokenProblem: {
            token_class: string;
            token_type: string;
            message: string;
        };
        /** @description Both tokens of a login. */
        Tokens: {
            refresh: string;
            access: string;
        };
        UnreadCount: {
            /** Format: int64 */
            unread_count: number;
        };
        UnreadNotifications: {
            /** Format: int64 */
            unread_count: number;
            status: string;
            timestamp: components["schemas"]["Timestamp"];
        };
    };
    responses: {
        /** @description Not a conversation of the caller. */
        NoConversation: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "No Conversation matches the given query."
                 *     }
                 */
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description Not a message the caller sees. */
        NoMessage: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "No Message matches the given query."
                 *     }
                 */
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description Not one of the caller's notifications. */
        NoNotification: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "No Notification matches the given query."
                 *     }
                 */
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description No such user. */
        NoUser: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "No User matches the given query."
                 *     }
                 */
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The database has no room. */
        StorageFull: {
            headers: {
                /** @description Seconds to wait. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many messages of the user, or logins, registrations or refused refreshes of the address. */
        TooManyRequests: {
            headers: {
                /** @description Seconds to wait. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    follow_named: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Named"];
                "application/x-www-form-urlencoded": components["schemas"]["Named"];
            };
        };
        responses: {
            /** @description How things stand now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Following"];
                };
            };
        };
    };
    list_followers: {
        parameters: {
            query?: {
                page?: number;
                /** @description Rows on a page; cut to 100. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListPage_FollowRow"];
                };
            };
        };
    };
    list_following: {
        parameters: {
            query?: {
                page?: number;
                /** @description Rows on a page; cut to 100. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListPage_FollowRow"];
                };
            };
        };
    };
    my_follow_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FollowStats"];
                };
            };
        };
    };
    list_follow_notifications: {
        parameters: {
            query?: {
                page?: number;
                /** @description Rows on a page; cut to 100. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListPage_FollowNotice"];
                };
            };
        };
    };
    read_follow_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Marked 3 notifications as read",
                     *       "status": "success"
                     *     }
                     */
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    read_follow_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the follow. */
                id: components["schemas"]["FollowId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Notification marked as read",
                     *       "status": "success"
                     *     }
                     */
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    search_people: {
        parameters: {
            query: {
                /** @description Part of a name. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 20, the caller left out. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"][];
                };
            };
        };
    };
    follow_stats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `is_following` and `is_followed_by` in the eyes of the caller. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FollowStats"];
                };
            };
        };
    };
    suggest_people: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 10: first those followed by people he follows, then the newest users. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"][];
                };
            };
        };
    };
    follow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How things stand now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Following"];
                };
            };
        };
    };
    unfollow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How things stand now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Following"];
                };
            };
        };
    };
    unfollow_by_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How things stand now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Following"];
                };
            };
        };
    };
    list_conversations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest activity first, at most 1000. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"][];
                };
            };
        };
    };
    start_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
                "application/x-www-form-urlencoded": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description It was there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description It is new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    list_conversations_at_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest activity first, at most 1000. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"][];
                };
            };
        };
    };
    start_conversation_at_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
                "application/x-www-form-urlencoded": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description It was there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description It is new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    start_conversation_at_legacy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
                "application/x-www-form-urlencoded": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description It was there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description It is new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    conversation: {
        parameters: {
            query?: {
                /** @description 1 is the newest page. */
                page?: number;
                /** @description Messages on a page; cut to `limits.page_max`. */
                page_size?: number;
                /** @description Another name of `page_size`. */
                limit?: number;
                /** @description Id or `seq` of a message: the page of messages older than it. Wins over `page`. */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationWithMessages"];
                };
            };
        };
    };
    write_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    hide_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is hidden. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    write_conversation_by_patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
        };
    };
    list_changes: {
        parameters: {
            query: {
                /** @description The number of the last change the caller knows. */
                after_rev: number;
                /** @description Most changes; never more than `limits.sync_page`. */
                limit?: number;
                /** @description The database the number is of. */
                epoch?: string;
            };
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What has changed since. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
        };
    };
    mark_messages_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageIds"];
                "application/x-www-form-urlencoded": components["schemas"]["MessageIds"];
            };
        };
        responses: {
            /** @description At most the newest 1000 are counted and named. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedRead"];
                };
            };
        };
    };
    mark_conversation_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most the newest 1000 are counted and named. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedRead"];
                };
            };
        };
    };
    list_messages: {
        parameters: {
            query?: {
                /** @description 1 is the newest page. */
                page?: number;
                /** @description Messages on a page; cut to `limits.page_max`. */
                page_size?: number;
                /** @description Another name of `page_size`. */
                limit?: number;
                /** @description Id or `seq` of a message: the page of messages older than it. Wins over `page`. */
                before?: string;
            };
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Page 1 is the newest; inside a page the oldest message comes first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
                "application/x-www-form-urlencoded": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description A repeat: the message stored by an earlier request with the same `client_id`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentMessage"];
                };
            };
            /** @description The message is stored. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentMessage"];
                };
            };
        };
    };
    start_typing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    stop_typing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the conversation. */
                id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    messages_with_user: {
        parameters: {
            query: {
                /** @description The other person. */
                user_id: number;
                /** @description 1 is the newest page. */
                page?: number;
                /** @description Messages on a page; cut to `limits.page_max`. */
                page_size?: number;
                /** @description Another name of `page_size`. */
                limit?: number;
                /** @description Id or `seq` of a message: the page of messages older than it. Wins over `page`. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Without a conversation it is empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagesWithUser"];
                };
            };
        };
    };
    unread_count_with: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number; 0 without a conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "unread_count": 2
                     *     }
                     */
                    "application/json": components["schemas"]["UnreadCount"];
                };
            };
        };
    };
    message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    edit_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewText"];
                "application/x-www-form-urlencoded": components["schemas"]["NewText"];
            };
        };
        responses: {
            /** @description The message with its new text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    delete_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    edit_message_by_patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewText"];
                "application/x-www-form-urlencoded": components["schemas"]["NewText"];
            };
        };
        responses: {
            /** @description The message with its new text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
        };
    };
    add_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReaction"];
                "application/x-www-form-urlencoded": components["schemas"]["NewReaction"];
            };
        };
        responses: {
            /** @description The reaction. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedReaction"];
                };
            };
        };
    };
    remove_reaction_by_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Reaction removed successfully",
                     *       "status": "success"
                     *     }
                     */
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    remove_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the message. */
                id: components["schemas"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Reaction removed successfully",
                     *       "status": "success"
                     *     }
                     */
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    sync: {
        parameters: {
            query?: {
                /** @description What the caller has: `id:rev`, separated by commas. Empty or left out: nothing. */
                cursors?: string;
                /** @description The database the cursors are of. */
                epoch?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What has changed since. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Missed"];
                };
            };
        };
    };
    unread_count: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "unread_count": 5
                     *     }
                     */
                    "application/json": components["schemas"]["UnreadCount"];
                };
            };
        };
    };
    user_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the user. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The status. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Presence"];
                };
            };
        };
    };
    issue_ticket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ticket. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TicketView"];
                };
            };
        };
    };
    list_notifications: {
        parameters: {
            query?: {
                /** @description Only those that are, or are not. */
                is_read?: boolean;
                /** @description Only those with this verb. */
                verb?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first, at most 200. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"][];
                };
            };
        };
    };
    create_notification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Note"];
                "application/x-www-form-urlencoded": components["schemas"]["Note"];
            };
        };
        responses: {
            /** @description The notification. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
        };
    };
    read_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedNotifications"];
                };
            };
        };
    };
    read_notifications_by_patch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedNotifications"];
                };
            };
        };
    };
    notification_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Empty unless something was written. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": false
                     *     }
                     */
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    change_notification_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "application/x-www-form-urlencoded": Record<string, never>;
            };
        };
        responses: {
            /** @description All settings as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": false
                     *     }
                     */
                    "application/json": Record<string, never>;
                };
            };
        };
    };
    unread_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnreadNotifications"];
                };
            };
        };
    };
    notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the notification. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
        };
    };
    delete_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the notification. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    read_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the notification. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedNotification"];
                };
            };
        };
    };
    read_notification_by_patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the notification. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedNotification"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    update_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Changes"];
                "application/x-www-form-urlencoded": components["schemas"]["Changes"];
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    user_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description User name; dots are allowed. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account; without the e-mail address unless it is the caller's own. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
}
