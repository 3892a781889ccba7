//! Who looks at an open page, if he says so; and who may look at a closed one.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::{FutureExt, LocalBoxFuture};

use super::{error::ApiError, extract::Identity};
use crate::domain::{Person, UserId};

/// The active user whose access token the request carries. Without a good token nobody in
/// particular, because the page is open: the old pages would wipe their tokens on a 401.
#[derive(Clone, Debug)]
pub(super) struct Viewer(pub Option<Person>);

impl Viewer {
    pub fn id(&self) -> Option<UserId> {
        self.0.as_ref().map(|person| person.id)
    }
}

impl FromRequest for Viewer {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let identity = Identity::from_request(request, payload);
        async move { Ok(Self(identity.await.ok().map(|Identity(person)| person))) }.boxed_local()
    }
}

/// A member of the staff asks; anybody else is answered 403.
#[derive(Clone, Debug)]
pub(super) struct Staff(pub Person);

impl FromRequest for Staff {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let identity = Identity::from_request(request, payload);
        async move {
            let Identity(person) = identity.await?;
            if person.is_staff { Ok(Self(person)) } else { Err(forbidden()) }
        }
        .boxed_local()
    }
}

pub(super) fn forbidden() -> ApiError {
    let detail = "You do not have permission to perform this action.";
    ApiError::detail(StatusCode::FORBIDDEN, detail)
}

/// The user a path names; anything but a number is no such page.
pub(super) fn user_in(path: &str) -> Result<UserId, ApiError> {
    path.parse().map(UserId).map_err(|_not_a_number| ApiError::not_found())
}

/// 404 for a user who is not there.
pub(super) fn no_user() -> ApiError {
    ApiError::detail(StatusCode::NOT_FOUND, "No User matches the given query.")
}
