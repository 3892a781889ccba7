//! `/api/messaging/messages/{id}/reactions/` and `…/reactions/remove/`

use actix_web::{HttpResponse, http::StatusCode, web};
use serde_json::{Value, json};

use super::{
    error::ApiError,
    extract::{Body, Identity},
    message::message_id,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, React, Reacted},
    domain::{Person, ReactionChange, ReactionText},
    protocol::{ReactionView, Stamp},
};

/// Gives a reaction, in place of any other of the same person.
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
    Ok(HttpResponse::Ok().json(json!({
        "status": "success",
        "message": text,
        "reaction": {
            "id": reacted.details.message.id,
            "reaction_type": shown,
            "user": user,
            "created_at": Stamp(given.map_or(reacted.at, |given| given.created_at)),
        },
    })))
}

/// Takes one's reaction back.
pub(super) async fn remove(
    services: web::Data<Services>,
    Identity(by): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let reacted = react(&services, by, message_id(&id)?, ReactionChange::Remove).await?;
    if reacted.before.is_none() {
        return Err(ApiError::error(StatusCode::NOT_FOUND, "No reaction found to remove"));
    }
    Ok(HttpResponse::Ok().json(json!({
        "status": "success",
        "message": "Reaction removed successfully",
    })))
}

async fn react(
    services: &Services,
    by: Person,
    message: crate::domain::MessageId,
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
