//! The description of every REST endpoint in OpenAPI 3.1, put together from what stands beside each
//! handler. `tests/it/documents.rs` compares it with the table of routes.

mod aliases;
mod common;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use self::{aliases::Aliases, common::CommonAnswers};
use super::{
    admin, conversation_changes, conversation_detail, conversation_hide, conversation_list,
    conversation_messages, conversation_start, devices, documents, follow_lists,
    follow_notifications, follow_search, follow_stats, follow_suggestions, follow_toggle, health,
    login, mark_read, me, message, messages_with_user, my_profile, notification, notification_list,
    notification_read, notification_settings, profile_update, public_profile,
    public_profile_search, reactions, refresh, register, root, send_message, sync, typing, unread,
    user_by_name, user_list, user_status, ws_ticket,
};
use crate::{
    http::problems::{
        NoConversation, NoMessage, NoNotification, NoUser, StorageFull, TooManyRequests,
    },
    protocol::ErrorCode,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "VikraHub Messaging",
        description = include_str!("description.md"),
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/", description = "Where this document comes from.")),
    security(("token" = [])),
    tags(
        (name = "accounts", description = "Who one is."),
        (name = "conversations", description = "Of two people."),
        (name = "messages", description = "Of a conversation."),
        (name = "people", description = "Others, and following them."),
        (name = "notifications", description = "What a user is told of."),
        (name = "administration", description = "For the staff. Every access is written down."),
        (name = "service", description = "The server itself."),
    ),
    components(
        schemas(ErrorCode),
        responses(
            NoConversation, NoMessage, NoNotification, NoUser, StorageFull, TooManyRequests,
        ),
    ),
    modifiers(&BearerToken, &CommonAnswers, &Aliases),
    paths(
        admin::audit::list,
        admin::conversations::list,
        admin::conversations::messages,
        admin::messages::delete,
        admin::messages::edits,
        admin::users::activate,
        admin::users::deactivate,
        admin::users::detail,
        admin::users::list,
        conversation_changes::changes,
        conversation_detail::detail,
        conversation_hide::hide,
        conversation_hide::unchanged,
        conversation_list::list,
        conversation_messages::messages,
        conversation_start::start,
        devices::list,
        devices::register,
        devices::remove,
        sync::sync,
        documents::asset,
        documents::asyncapi,
        documents::openapi,
        documents::page,
        follow_lists::followers,
        follow_lists::following,
        follow_notifications::list,
        follow_notifications::read,
        follow_notifications::read_all,
        follow_search::search,
        follow_stats::mine,
        follow_stats::of_user,
        follow_suggestions::suggestions,
        follow_toggle::follow,
        follow_toggle::follow_named,
        follow_toggle::unfollow,
        health::live,
        health::metrics,
        health::ready,
        login::login,
        mark_read::mark_messages_read,
        mark_read::mark_read,
        me::me,
        message::delete,
        message::edit,
        message::get,
        messages_with_user::messages_with_user,
        notification::delete,
        notification::get,
        notification_list::create,
        notification_list::list,
        notification_read::mark_all_read,
        notification_read::mark_read,
        notification_read::unread_count,
        notification_settings::change,
        notification_settings::settings,
        profile_update::update,
        my_profile::my_profile,
        public_profile::profile,
        public_profile_search::search,
        reactions::add,
        reactions::remove,
        refresh::refresh,
        register::register,
        root::describe,
        send_message::send,
        typing::start,
        typing::stop,
        unread::total,
        unread::with_user,
        user_by_name::user_by_name,
        user_list::detail,
        user_list::list,
        user_status::status,
        ws_ticket::issue,
    ),
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some("An access token.".to_owned());
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The document as JSON, for people as well.
pub fn openapi_document() -> String {
    let mut text = Document::openapi().to_pretty_json().expect("a document has string keys only");
    text.push('\n');
    text
}
