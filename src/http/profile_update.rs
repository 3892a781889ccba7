//! `PATCH /api/users/me/`: names and picture of the caller.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    fields::Fields,
    follow_stats::stats,
    problems::BadRequest,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, Outcome, UpdateProfile},
    protocol::CurrentUserView,
    storage::ProfileChange,
};

/// Longest address of a picture.
const AVATAR_CHARS: usize = 500;

/// What is to be changed; the rest stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Changes {
    #[schema(max_length = 150)]
    first_name: Option<String>,
    #[schema(max_length = 150)]
    last_name: Option<String>,
    /// An address with http or https; null or blank takes the picture away.
    #[schema(max_length = 500, example = "https://example.org/nadia.png")]
    avatar_url: Option<String>,
}

#[utoipa::path(
    patch,
    path = "/api/users/me/",
    operation_id = "update_profile",
    tag = "accounts",
    summary = "Change the caller's names and picture",
    request_body = Changes,
    responses(
        (status = 200, description = "The account.", body = CurrentUserView),
        (status = 400, description = "A field is wrong.", body = BadRequest),
    ),
)]
pub(super) async fn update(
    services: web::Data<Services>,
    Identity(person): Identity,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let update = UpdateProfile { user: person.id, change: change(&body)? };
    let outcome = services.execute(Command::UpdateProfile(update), person.id).await?;
    let Outcome::ProfileUpdated(person) = outcome else {
        return Err(CommandError::Internal.into());
    };
    let stats = stats(&services, person.id, None).await?;
    Ok(HttpResponse::Ok().json(CurrentUserView::own(&person).with_stats(stats)))
}

fn change(body: &Map<String, Value>) -> Result<ProfileChange, ApiError> {
    let mut fields = Fields::new(body);
    let mut change = ProfileChange::default();
    if body.contains_key("first_name") {
        change.first_name = Some(fields.optional("first_name", 150).unwrap_or_default());
    }
    if body.contains_key("last_name") {
        change.last_name = Some(fields.optional("last_name", 150).unwrap_or_default());
    }
    if body.contains_key("avatar_url") {
        let url = fields.optional("avatar_url", AVATAR_CHARS);
        if url.as_deref().is_some_and(|url| !is_web_address(url)) {
            fields.wrong("avatar_url", "Enter a valid URL.");
        }
        change.avatar_url = Some(url);
    }
    fields.finish()?;
    Ok(change)
}

/// Other schemes could run something in the pages that show the picture.
fn is_web_address(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let begins_well = rest.and_then(|rest| rest.chars().next()).is_some_and(char::is_alphanumeric)
        || rest.is_some_and(|rest| rest.starts_with('['));
    let harmless = |char: char| {
        !char.is_whitespace()
            && !char.is_control()
            && !matches!(char, '"' | '\'' | '<' | '>' | '\\' | '`' | '(' | ')')
    };
    begins_well && url.chars().all(harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_pictures() {
        for url in ["https://example.org/a.png?s=1", "http://127.0.0.1:8000/x", "HTTPS://é.fr/a"] {
            assert!(is_web_address(url), "{url}");
        }
        for url in [
            "",
            "https://",
            "https:///x",
            "//example.org/x",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "ftp://example.org/x",
            "https://example.org/a b",
            "https://example.org/\"onerror=",
            "https://example.org/a')",
        ] {
            assert!(!is_web_address(url), "{url}");
        }
    }
}
