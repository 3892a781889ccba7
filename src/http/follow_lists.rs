//! `GET /api/follow/followers/{id}/` and `GET /api/follow/following/{id}/`: newest first.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    error::ApiError,
    extract::{Identity, Query, services},
    list_page::{ListEnvelope, ListPage, ListPaging},
    problems::Problem,
    viewer::{no_user, user_in},
};
use crate::{
    domain::{Follow, Person},
    protocol::{FollowListView, Stamp, UserBasicView},
    storage::FollowSide,
};

#[utoipa::path(
    get,
    path = "/api/follow/followers/{id}/",
    operation_id = "list_followers",
    tag = "people",
    summary = "Who follows somebody",
    params(("id" = i64, Path, description = "Of the user."), ListPaging),
    responses(
        (status = 200, description = "Newest first.", body = ListEnvelope<FollowListView>),
        (status = 404, description = "No such user, or `page` is not a page.", body = Problem),
    ),
)]
pub(super) async fn followers(
    request: HttpRequest,
    Identity(viewer): Identity,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    list(&request, &viewer, &id, &query, FollowSide::Followers).await
}

#[utoipa::path(
    get,
    path = "/api/follow/following/{id}/",
    operation_id = "list_following",
    tag = "people",
    summary = "Whom somebody follows",
    params(("id" = i64, Path, description = "Of the user."), ListPaging),
    responses(
        (status = 200, description = "Newest first.", body = ListEnvelope<FollowListView>),
        (status = 404, description = "No such user, or `page` is not a page.", body = Problem),
    ),
)]
pub(super) async fn following(
    request: HttpRequest,
    Identity(viewer): Identity,
    id: web::Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    list(&request, &viewer, &id, &query, FollowSide::Following).await
}

async fn list(
    request: &HttpRequest,
    viewer: &Person,
    id: &str,
    query: &Query,
    side: FollowSide,
) -> Result<HttpResponse, ApiError> {
    let storage = services(request).storage();
    let user = user_in(id)?;
    if storage.person(user).await?.is_none() {
        return Err(no_user());
    }
    let page = ListPage::of(query)?;
    let count = storage.follow_count(user, side).await?;
    let follows = storage.follow_page(user, side, page.offset(count)?, page.size).await?;
    let listed = follows.iter().map(|follow| shown(follow, side).id);
    let stats = storage.follow_stats(listed, Some(viewer.id)).await?;
    let results = follows
        .iter()
        .map(|follow| {
            let person = shown(follow, side);
            let stats = stats.get(&person.id).copied().unwrap_or_default();
            FollowListView {
                id: follow.id,
                follow_date: Stamp(follow.created_at),
                // In one's own lists, the direction that the list itself does not show.
                mutual_follow: match side {
                    FollowSide::Followers => stats.is_following,
                    FollowSide::Following => stats.is_followed_by,
                },
                user: UserBasicView::new(person),
            }
        })
        .collect();
    Ok(HttpResponse::Ok().json(page.envelope(request, query, count, results)))
}

fn shown(follow: &Follow, side: FollowSide) -> &Person {
    match side {
        FollowSide::Followers => &follow.follower,
        FollowSide::Following => &follow.followed,
    }
}
