//! `POST /api/auth/token/`: a user name or e-mail address and a password buy a pair of tokens.

use actix_web::{HttpResponse, http::StatusCode, web};

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    address::Address,
    error::ApiError,
    extract::Body,
    fields::Fields,
    password_lane::hashing,
    problems::{BadRequest, Problem, TooManyRequests},
};
use crate::{
    actors::Services,
    auth::{PasswordCheck, TokenPair, hash_password, spend_time_of_a_check, verify_password},
    commands::{Command, ReplacePasswordHash},
    domain::{UserId, clock},
};

/// Longest password that is looked at.
pub(super) const PASSWORD_CHARS: usize = 1024;

/// Name and password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Login {
    /// User name, or e-mail address.
    #[schema(max_length = 254, pattern = r"\S", example = "nadia")]
    username: String,
    #[schema(max_length = 1024, pattern = r"\S", example = "correct horse")]
    password: String,
}

/// Both tokens of a login.
#[derive(Serialize, ToSchema)]
struct Tokens {
    refresh: String,
    access: String,
}

#[utoipa::path(
    post,
    path = "/api/auth/token/",
    operation_id = "log_in",
    tag = "accounts",
    summary = "Buy a pair of tokens with a password",
    security(()),
    request_body = Login,
    responses(
        (status = 200, description = "The tokens.", body = Tokens),
        (status = 400, description = "A field is wrong.", body = BadRequest),
        (
            status = 401, description = "No active account has this name and password.",
            body = Problem,
            example = json!({"detail": "No active account found with the given credentials"}),
        ),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn login(
    services: web::Data<Services>,
    Address(address): Address,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::new(&body);
    let login = fields.required("username", 254);
    let password = fields.required("password", PASSWORD_CHARS);
    fields.finish()?;
    services.edge().rates.logins.check(&address)?;

    let accounts = services.storage().accounts_for_login(login.trim()).await?;
    let candidates: Vec<_> = accounts
        .into_iter()
        .filter(|(user, _)| user.is_active)
        .filter_map(|(user, hash)| Some((user.id, hash?)))
        .collect();
    let found = hashing(move || find(&candidates, &password)).await?;
    let Some((user, new_hash)) = found else {
        return Err(ApiError::detail(
            StatusCode::UNAUTHORIZED,
            "No active account found with the given credentials",
        ));
    };
    if let Some(hash) = new_hash {
        let replace = Command::ReplacePasswordHash(ReplacePasswordHash { user, hash });
        if let Err(error) = services.execute(replace, user).await {
            tracing::warn!(user = user.0, %error, "kept an outdated password hash");
        }
    }
    let TokenPair { refresh, access } = services.keys().issue_pair(user, clock::now());
    Ok(HttpResponse::Ok().json(Tokens { refresh, access }))
}

/// The account the password opens, with a modern hash if it has an old one.
fn find(candidates: &[(UserId, String)], password: &str) -> Option<(UserId, Option<String>)> {
    if candidates.is_empty() {
        spend_time_of_a_check(password);
    }
    candidates.iter().find_map(|(user, hash)| match verify_password(password, hash) {
        PasswordCheck::Wrong => None,
        PasswordCheck::Right => Some((*user, None)),
        PasswordCheck::RightButOutdated => Some((*user, Some(hash_password(password)))),
    })
}
