//! People as clients see them (contract §1.6).

use serde::Serialize;
use utoipa::ToSchema;

use super::Stamp;
use crate::domain::{FollowStats, OnlineUsers, Timestamp, User};

/// A person inside messages and conversations. Never carries an e-mail address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChatUser)]
pub struct ChatUserView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub full_name: &'a str,
    pub display_name: &'a str,
    pub is_online: bool,
    /// Now while online, null while offline: the old pages derive presence from its age.
    #[schema(required)]
    pub last_seen: Option<Stamp>,
    #[schema(required)]
    pub avatar: Option<&'a str>,
    #[schema(required)]
    pub profile_picture: Option<&'a str>,
    pub userprofile: UserProfileView<'a>,
}

/// The nested avatar the old dashboard reads.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ChatUserProfile)]
pub struct UserProfileView<'a> {
    #[schema(required)]
    pub avatar: Option<&'a str>,
}

impl<'a> ChatUserView<'a> {
    pub fn new(user: &'a User, online: &OnlineUsers, now: Timestamp) -> Self {
        let is_online = online.contains(user.id);
        let avatar = user.avatar_url.as_deref();
        Self {
            id: user.id.0,
            username: &user.username,
            first_name: &user.first_name,
            last_name: &user.last_name,
            full_name: &user.full_name,
            display_name: &user.full_name,
            is_online,
            last_seen: is_online.then_some(Stamp(now)),
            avatar,
            profile_picture: avatar,
            userprofile: UserProfileView { avatar },
        }
    }
}

/// The sender of a quoted message.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuotedUser)]
pub struct QuotedUserView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub full_name: &'a str,
}

impl<'a> QuotedUserView<'a> {
    pub fn new(user: &'a User) -> Self {
        Self { id: user.id.0, username: &user.username, full_name: &user.full_name }
    }
}

/// A user as he sees himself, or as the by-username lookup shows him.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has them")]
#[schema(as = Account)]
pub struct CurrentUserView<'a> {
    pub id: i64,
    pub username: &'a str,
    #[schema(required)]
    pub email: Option<&'a str>,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub full_name: &'a str,
    pub date_joined: Stamp,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub is_active: bool,
    pub followers_count: u64,
    pub following_count: u64,
    pub is_following: bool,
    #[schema(required)]
    pub avatar: Option<&'a str>,
    #[schema(required)]
    pub profile_picture: Option<&'a str>,
}

impl<'a> CurrentUserView<'a> {
    /// A user seen by himself: with his e-mail address.
    pub fn own(user: &'a User) -> Self {
        Self { email: Some(user.email.as_deref().unwrap_or_default()), ..Self::of_other(user) }
    }

    /// With how he stands among the others.
    #[must_use]
    pub fn with_stats(self, stats: FollowStats) -> Self {
        Self {
            followers_count: stats.followers,
            following_count: stats.following,
            is_following: stats.is_following,
            ..self
        }
    }

    /// A user seen by somebody else: without his e-mail address.
    pub fn of_other(user: &'a User) -> Self {
        let avatar = user.avatar_url.as_deref();
        Self {
            id: user.id.0,
            username: &user.username,
            email: None,
            first_name: &user.first_name,
            last_name: &user.last_name,
            full_name: &user.full_name,
            date_joined: Stamp(user.date_joined),
            is_staff: user.is_staff,
            is_superuser: user.is_superuser,
            is_active: user.is_active,
            followers_count: 0,
            following_count: 0,
            is_following: false,
            avatar,
            profile_picture: avatar,
        }
    }
}
