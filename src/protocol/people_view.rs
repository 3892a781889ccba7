//! People as lists of followers, searches and profiles show them (contract §1.6). None of them
//! carries an e-mail address, except one's own profile.

use serde::Serialize;
use utoipa::ToSchema;

use super::Stamp;
use crate::domain::{Follow, FollowId, FollowStats, User};

/// `UserBasic`
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct UserBasicView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub full_name: &'a str,
    #[schema(required)]
    pub profile_picture: Option<&'a str>,
}

impl<'a> UserBasicView<'a> {
    pub fn new(user: &'a User) -> Self {
        Self {
            id: user.id.0,
            username: &user.username,
            first_name: &user.first_name,
            last_name: &user.last_name,
            full_name: &user.full_name,
            profile_picture: user.avatar_url.as_deref(),
        }
    }
}

/// One row of a list of followers, or of people somebody follows.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FollowRow)]
pub struct FollowListView<'a> {
    pub id: FollowId,
    pub follow_date: Stamp,
    pub mutual_follow: bool,
    pub user: UserBasicView<'a>,
}

/// A follow as its follower sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Follow)]
pub struct FollowView<'a> {
    pub id: FollowId,
    pub follower: UserBasicView<'a>,
    pub followed: UserBasicView<'a>,
    pub created_at: Stamp,
    pub is_active: bool,
}

impl<'a> FollowView<'a> {
    pub fn new(follow: &'a Follow) -> Self {
        Self {
            id: follow.id,
            follower: UserBasicView::new(&follow.follower),
            followed: UserBasicView::new(&follow.followed),
            created_at: Stamp(follow.created_at),
            is_active: true,
        }
    }
}

/// A follow as the followed person is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FollowNotice)]
pub struct FollowNoticeView<'a> {
    pub id: FollowId,
    pub follower: UserBasicView<'a>,
    pub follow_date: Stamp,
    pub is_read: bool,
    #[schema(required)]
    pub read_at: Option<Stamp>,
    pub created_at: Stamp,
}

impl<'a> FollowNoticeView<'a> {
    pub fn new(follow: &'a Follow) -> Self {
        Self {
            id: follow.id,
            follower: UserBasicView::new(&follow.follower),
            follow_date: Stamp(follow.created_at),
            is_read: follow.read_at.is_some(),
            read_at: follow.read_at.map(Stamp),
            created_at: Stamp(follow.created_at),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = FollowStats)]
pub struct FollowStatsView {
    pub followers_count: u64,
    pub following_count: u64,
    pub is_following: bool,
    pub is_followed_by: bool,
}

impl From<FollowStats> for FollowStatsView {
    fn from(stats: FollowStats) -> Self {
        Self {
            followers_count: stats.followers,
            following_count: stats.following,
            is_following: stats.is_following,
            is_followed_by: stats.is_followed_by,
        }
    }
}

/// `PublicProfile`: what anybody may see of somebody. This system keeps no portfolios; their fields
/// are there and empty.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Profile)]
pub struct PublicProfileView<'a> {
    pub id: i64,
    #[serde(rename = "userId")]
    pub user_id: i64,
    pub username: &'a str,
    pub display_name: &'a str,
    pub full_name: &'a str,
    pub user: ProfileUserView<'a>,
    pub user_type: &'a str,
    #[schema(required)]
    pub avatar: Option<&'a str>,
    #[schema(required)]
    pub cover_photo: Option<&'a str>,
    pub bio: &'static str,
    pub headline: &'static str,
    pub skills: &'static str,
    pub skills_list: [&'static str; 0],
    pub location: &'static str,
    pub website: &'static str,
    pub member_since: Stamp,
    pub portfolio_items: [&'static str; 0],
    pub recognitions_list: [&'static str; 0],
    pub stats: ProfileStatsView,
    pub cover_photo_small: &'static str,
    pub cover_photo_medium: &'static str,
    pub cover_photo_large: &'static str,
}

/// The nested user that lists of profiles read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProfileUser)]
pub struct ProfileUserView<'a> {
    pub id: i64,
    pub username: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ProfileStats)]
pub struct ProfileStatsView {
    pub followers_count: u64,
    pub following_count: u64,
    pub projects_count: u64,
    pub is_following: bool,
}

impl<'a> PublicProfileView<'a> {
    pub fn new(user: &'a User, stats: FollowStats) -> Self {
        Self {
            id: user.id.0,
            user_id: user.id.0,
            username: &user.username,
            display_name: &user.full_name,
            full_name: &user.full_name,
            user: ProfileUserView {
                id: user.id.0,
                username: &user.username,
                first_name: &user.first_name,
                last_name: &user.last_name,
            },
            user_type: &user.user_type,
            avatar: user.avatar_url.as_deref(),
            cover_photo: None,
            bio: "",
            headline: "",
            skills: "",
            skills_list: [],
            location: "",
            website: "",
            member_since: Stamp(user.date_joined),
            portfolio_items: [],
            recognitions_list: [],
            stats: ProfileStatsView {
                followers_count: stats.followers,
                following_count: stats.following,
                projects_count: 0,
                is_following: stats.is_following,
            },
            cover_photo_small: "",
            cover_photo_medium: "",
            cover_photo_large: "",
        }
    }
}

/// One's own profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OwnProfile)]
pub struct OwnProfileView<'a> {
    #[serde(flatten)]
    pub public: PublicProfileView<'a>,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub email: Option<&'a str>,
}

impl<'a> OwnProfileView<'a> {
    pub fn new(user: &'a User, stats: FollowStats) -> Self {
        Self {
            public: PublicProfileView::new(user, stats),
            first_name: &user.first_name,
            last_name: &user.last_name,
            email: user.email.as_deref(),
        }
    }
}
