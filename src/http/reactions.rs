//! `/api/messaging/messages/{id}/reactions/` and `…/reactions/remove/`

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    message::message_id,
    problems::{BadRequest, NoMessage, NotFound, TooManyRequests},
    success::Success,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, React, Reacted},
    domain::{MessageId, Person, ReactionChange, ReactionText},
    protocol::{QuotedUserView, ReactionView, Stamp},
};

/// A reaction.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct NewReaction {
    /// An emoji or a word: 1 to 10 code points without spaces.
    #[schema(max_length = 10, pattern = r"^\S+$", example = "👍")]
    reaction_type: Option<String>,
    /// Another name of `reaction_type`.
    #[schema(max_length = 10, pattern = r"^\S+$")]
    reaction: Option<String>,
}

/// The reaction that stands now.
#[derive(Serialize, ToSchema)]
struct AddedReaction<'a> {
    status: &'static str,
    message: &'static str,
    reaction: Added<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AddedReactionDetail)]
struct Added<'a> {
    /// Of the message.
    id: MessageId,
    reaction_type: &'a str,
    #[schema(required)]
    user: Option<QuotedUserView<'a>>,
    created_at: Stamp,
}

/// Gives a reaction, in place of any other of the same person.
#[utoipa::path(
    post,
    path = "/api/messaging/messages/{id}/reactions/",
    operation_id = "add_reaction",
    tag = "messages",
    summary = "Give a reaction, in place of any other of the caller",
    params(("id" = MessageId, Path, description = "Of the message.")),
    request_body = NewReaction,
    responses(
        (status = 200, description = "The reaction.", body = AddedReaction),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (status = 404, response = NoMessage),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn add(
    services: web::Data<Services>,
    Identity(by): Identity,
    id: web::Path<String>,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let message = message_id(&id)?;
    let given = ["reaction_type", "reaction"].into_iter().find_map(|name| {
        body.get(name).filter(|value| !value.is_null()).map(|value| (name, value))
    });
    let required = || ApiError::error(StatusCode::BAD_REQUEST, "reaction_type is required");
    let (field, value) = given.ok_or_else(required)?;
    let Value::String(text) = value else {
        return Err(ApiError::field(field, "Not a valid string."));
    };
    if text.trim().is_empty() {
        return Err(required());
    }
    let reaction =
        ReactionText::parse(text).map_err(|invalid| ApiError::field(field, invalid.to_string()))?;
    let shown = reaction.as_str().to_owned();
    let reacted = react(&services, by, message, ReactionChange::Set(reaction)).await?;
    let text = match &reacted.before {
        Some(_) => "Reaction updated successfully",
        None => "Reaction added successfully",
    };
    let given = reacted.details.reactions.iter().find(|given| given.person.id == reacted.by.id);
    let user = given.map(|given| ReactionView::new(given).user);
    Ok(HttpResponse::Ok().json(AddedReaction {
        status: "success",
        message: text,
        reaction: Added {
            id: reacted.details.message.id,
            reaction_type: &shown,
            user,
            created_at: Stamp(given.map_or(reacted.at, |given| given.created_at)),
        },
    }))
}

/// Takes one's reaction back.
#[utoipa::path(
    method(delete, post),
    path = "/api/messaging/messages/{id}/reactions/remove/",
    operation_id = "remove_reaction",
    tag = "messages",
    summary = "Take back the caller's reaction",
    params(("id" = MessageId, Path, description = "Of the message.")),
    responses(
        (
            status = 200, description = "It is gone.", body = Success,
            example = json!({"status": "success", "message": "Reaction removed successfully"}),
        ),
        (
            status = 404, description = "Not a message the caller sees, or no reaction of his.",
            body = NotFound,
        ),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn remove(
    services: web::Data<Services>,
    Identity(by): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reacted = react(&services, by, message_id(&id)?, ReactionChange::Remove).await?;
    if reacted.before.is_none() {
        return Err(ApiError::error(StatusCode::NOT_FOUND, "No reaction found to remove"));
    }
    Ok(HttpResponse::Ok().json(Success::saying("Reaction removed successfully")))
}

async fn react(
    services: &Services,
    by: Person,
    message: MessageId,
    change: ReactionChange,
) -> Result<Box<Reacted>, ApiError> {
    let user = by.id;
    // A reaction is told to somebody as a message is.
    services.edge().rates.sends.check(&user)?;
    let react = Command::React(React { by, message, change });
    let Outcome::Reacted(reacted) = services.execute(react, user).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(reacted)
}
