//! `PUT`, `DELETE /api/follow/toggle/{id}/` and the older `POST /api/follow/follow/`,
//! `POST /api/follow/unfollow/{id}/`

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    follow_stats::stats,
    problems::{BadRequest, ErrorText, NotFound},
    viewer::user_in,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, FollowUser, Followed, Outcome, UnfollowUser, Unfollowed},
    domain::{FollowStats, Person, User, UserId},
    protocol::FollowView,
};

/// Whom to follow.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field; this describes it")]
struct Named {
    #[schema(example = 9)]
    user_id: i64,
}

/// How things stand after following, or following no longer.
#[derive(Serialize, ToSchema)]
#[schema(as = Following)]
struct Answer<'a> {
    status: &'static str,
    is_following: bool,
    state_changed: bool,
    previous_state: bool,
    message: String,
    target_user: Target<'a>,
    /// Null when the caller does not follow.
    #[schema(required)]
    follow_data: Option<FollowView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FollowTarget)]
struct Target<'a> {
    id: i64,
    username: &'a str,
    followers_count: u64,
    following_count: u64,
}

#[utoipa::path(
    put,
    path = "/api/follow/toggle/{id}/",
    operation_id = "follow",
    tag = "people",
    summary = "Follow somebody",
    description = "Repeating is no error.",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 200, description = "How things stand now.", body = Answer),
        (
            status = 400, description = "The caller himself.", body = ErrorText,
            example = json!({"error": "You cannot follow yourself"}),
        ),
        (status = 404, description = "No such active user.", body = NotFound),
    ),
)]
pub(super) async fn follow(
    services: web::Data<Services>,
    Identity(follower): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    execute_follow(&services, follower, user_in(&id)?).await
}

#[utoipa::path(
    delete,
    path = "/api/follow/toggle/{id}/",
    operation_id = "unfollow",
    tag = "people",
    summary = "Follow somebody no longer",
    description = "Repeating is no error.",
    params(("id" = i64, Path, description = "Of the user.")),
    responses(
        (status = 200, description = "How things stand now.", body = Answer),
        (
            status = 400, description = "The caller himself.", body = ErrorText,
            example = json!({"error": "You cannot follow yourself"}),
        ),
        (status = 404, description = "No such active user.", body = NotFound),
    ),
)]
pub(super) async fn unfollow(
    services: web::Data<Services>,
    Identity(follower): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let followed = user_in(&id)?;
    let user = follower.id;
    let command = Command::UnfollowUser(UnfollowUser { follower, followed });
    let Outcome::Unfollowed(unfollowed) = services.execute(command, user).await? else {
        return Err(CommandError::Internal.into());
    };
    let Unfollowed { followed, was_following } = &*unfollowed;
    let stats = stats(&services, followed.id, None).await?;
    let message = if *was_following {
        format!("You unfollowed {}", followed.username)
    } else {
        format!("You are not following {}", followed.username)
    };
    Ok(HttpResponse::Ok().json(Answer {
        status: "success",
        is_following: false,
        state_changed: *was_following,
        previous_state: *was_following,
        message,
        target_user: Target::new(followed, stats),
        follow_data: None,
    }))
}

/// The person is named in the body.
#[utoipa::path(
    post,
    path = "/api/follow/follow/",
    operation_id = "follow_named",
    tag = "people",
    summary = "Follow the person named in the body",
    request_body = Named,
    responses(
        (status = 200, description = "How things stand now.", body = Answer),
        (status = 400, description = "Nobody is named, or the caller himself.", body = BadRequest),
        (status = 404, description = "No such active user.", body = NotFound),
    ),
)]
pub(super) async fn follow_named(
    services: web::Data<Services>,
    Identity(follower): Identity,
    Body(body): Body,
) -> Result<HttpResponse, ApiError> {
    let given = body.get("user_id").filter(|given| !given.is_null() && *given != "");
    let given =
        given.ok_or_else(|| ApiError::error(StatusCode::BAD_REQUEST, "user_id is required"))?;
    let followed = match given {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let followed = followed.map(UserId).ok_or_else(ApiError::user_not_found)?;
    execute_follow(&services, follower, followed).await
}

async fn execute_follow(
    services: &Services,
    follower: Person,
    followed: UserId,
) -> Result<HttpResponse, ApiError> {
    let user = follower.id;
    let command = Command::FollowUser(FollowUser { follower, followed });
    let Outcome::Followed(followed) = services.execute(command, user).await? else {
        return Err(CommandError::Internal.into());
    };
    let Followed { follow, was_following, .. } = &*followed;
    let stats = stats(services, follow.followed.id, None).await?;
    let message = if *was_following {
        format!("You are already following {}", follow.followed.username)
    } else {
        format!("You are now following {}", follow.followed.username)
    };
    Ok(HttpResponse::Ok().json(Answer {
        status: "success",
        is_following: true,
        state_changed: !*was_following,
        previous_state: *was_following,
        message,
        target_user: Target::new(&follow.followed, stats),
        follow_data: Some(FollowView::new(follow)),
    }))
}

impl<'a> Target<'a> {
    fn new(user: &'a User, stats: FollowStats) -> Self {
        Self {
            id: user.id.0,
            username: &user.username,
            followers_count: stats.followers,
            following_count: stats.following,
        }
    }
}
