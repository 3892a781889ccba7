//! `PUT`, `DELETE /api/follow/toggle/{id}/` and the older `POST /api/follow/follow/`,
//! `POST /api/follow/unfollow/{id}/`

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;

use super::{
    error::ApiError,
    extract::{Body, Identity},
    follow_stats::stats,
    viewer::user_in,
};
use crate::{
    actors::Services,
    commands::{Command, CommandError, FollowUser, Followed, Outcome, UnfollowUser, Unfollowed},
    domain::{FollowStats, Person, User, UserId},
    protocol::FollowView,
};

#[derive(Serialize)]
struct Answer<'a> {
    status: &'static str,
    is_following: bool,
    state_changed: bool,
    previous_state: bool,
    message: String,
    target_user: Target<'a>,
    follow_data: Option<FollowView<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    id: i64,
    username: &'a str,
    followers_count: u64,
    following_count: u64,
}

pub(super) async fn follow(
    services: web::Data<Services>,
    Identity(follower): Identity,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    execute_follow(&services, follower, user_in(&id)?).await
}

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
