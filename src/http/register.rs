//! `POST /api/users/`: open registration.

use actix_web::{HttpResponse, web};

use utoipa::ToSchema;

use super::{
    address::Address,
    error::ApiError,
    extract::Body,
    fields::Fields,
    login::PASSWORD_CHARS,
    password_lane::hashing,
    problems::{BadRequest, TooManyRequests},
};
use crate::{
    actors::Services,
    auth::hash_password,
    commands::{Command, CommandError, Outcome, RegisterUser},
    domain::UserId,
    protocol::CurrentUserView,
};

/// Nobody yet.
const NOBODY: UserId = UserId(0);

/// A new account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Registration {
    /// Letters, numbers and `@`, `.`, `+`, `-`, `_`.
    #[schema(max_length = 150, pattern = r"^[\p{L}\p{N}_.@+-]+$", example = "nadia")]
    username: String,
    #[schema(max_length = 1024, pattern = r"\S", example = "correct horse")]
    password: String,
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    #[schema(max_length = 150)]
    first_name: Option<String>,
    #[schema(max_length = 150)]
    last_name: Option<String>,
    /// `client` if left out.
    #[schema(max_length = 20)]
    user_type: Option<String>,
}

#[utoipa::path(
    post,
    path = "/api/users/",
    operation_id = "register",
    tag = "accounts",
    summary = "Register",
    security(()),
    request_body = Registration,
    responses(
        (status = 201, description = "The new account.", body = CurrentUserView),
        (status = 400, description = "A field is wrong, or the name is taken.", body = BadRequest),
        (status = 429, response = TooManyRequests),
    ),
)]
pub(super) async fn register(
    services: web::Data<Services>,
    Address(address): Address,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::new(&body);
    let username = fields.required("username", 150).trim().to_owned();
    let password = fields.required("password", PASSWORD_CHARS);
    let email = fields.optional("email", 254);
    let first_name = fields.optional("first_name", 150).unwrap_or_default();
    let last_name = fields.optional("last_name", 150).unwrap_or_default();
    let user_type = fields.optional("user_type", 20).unwrap_or_else(|| "client".to_owned());
    if !username.is_empty() && !is_username(&username) {
        fields.wrong(
            "username",
            "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ \
             characters.",
        );
    }
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        fields.wrong("email", "Enter a valid email address.");
    }
    fields.finish()?;
    services.edge().rates.registrations.check(&address)?;
    // Spares the hashing; the database has the last word.
    if services.storage().user_by_name(&username).await?.is_some() {
        return Err(CommandError::UsernameTaken.into());
    }

    let password_hash = Some(hashing(move || hash_password(&password)).await?);
    let register = RegisterUser {
        username,
        email,
        first_name,
        last_name,
        user_type,
        password_hash,
        is_staff: false,
        is_superuser: false,
    };
    let register = Command::RegisterUser(register);
    let Outcome::Registered(user) = services.execute(register, NOBODY).await? else {
        return Err(CommandError::Internal.into());
    };
    Ok(HttpResponse::Created().json(CurrentUserView::own(&user)))
}

/// Django's `UnicodeUsernameValidator`: `^[\w.@+-]+\Z`.
fn is_username(name: &str) -> bool {
    name.chars().all(|char| char.is_alphanumeric() || "_.@+-".contains(char))
}

/// A local part, and a domain with a dot; whether mail arrives there only mail can tell.
fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let labels_fit = domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|char| char.is_alphanumeric() || char == '-')
    });
    !local.is_empty()
        && domain.contains('.')
        && labels_fit
        && !email.chars().any(|char| char.is_whitespace() || char.is_control() || char == ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_those_of_django() {
        for name in ["nadia", "n.k@x.org", "a+b-c_d", "нaдя"] {
            assert!(is_username(name), "{name}");
        }
        for name in ["a b", "a/b", "a\nb", "<b>", "a:b"] {
            assert!(!is_username(name), "{name}");
        }
    }

    #[test]
    fn an_email_address_has_a_domain_with_a_dot() {
        for email in ["n@x.org", "a.b+c@mail.example.com"] {
            assert!(is_email(email), "{email}");
        }
        for email in ["n", "n@", "@x.org", "n@x", "n@x..org", "n @x.org", "n@-x.org"] {
            assert!(!is_email(email), "{email}");
        }
    }
}
