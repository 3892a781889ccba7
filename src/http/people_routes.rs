//! The part of the table that is about people and what they are told.

use actix_web::{
    http::Method,
    web::{delete, get, patch, post, put},
};

use super::{
    devices, follow_lists, follow_notifications, follow_search, follow_stats, follow_suggestions,
    follow_toggle, my_profile, notification, notification_list, notification_read,
    notification_settings, public_profile, public_profile_search, routes::Methods, user_list,
};

/// Fixed names come before the names they would be taken for.
pub(super) fn table() -> Vec<(&'static str, Methods)> {
    vec![
        ("/api/users/{id}/", vec![(Method::GET, get().to(user_list::detail))]),
        (
            "/api/public-profiles/search/",
            vec![(Method::GET, get().to(public_profile_search::search))],
        ),
        ("/api/profiles/my_profile/", vec![(Method::GET, get().to(my_profile::my_profile))]),
        ("/api/public-profiles/{name}/", vec![(Method::GET, get().to(public_profile::profile))]),
        (
            "/api/follow/toggle/{id}/",
            vec![
                (Method::PUT, put().to(follow_toggle::follow)),
                (Method::DELETE, delete().to(follow_toggle::unfollow)),
            ],
        ),
        ("/api/follow/follow/", vec![(Method::POST, post().to(follow_toggle::follow_named))]),
        ("/api/follow/unfollow/{id}/", vec![(Method::POST, post().to(follow_toggle::unfollow))]),
        ("/api/follow/followers/{id}/", vec![(Method::GET, get().to(follow_lists::followers))]),
        ("/api/follow/following/{id}/", vec![(Method::GET, get().to(follow_lists::following))]),
        ("/api/follow/stats/{id}/", vec![(Method::GET, get().to(follow_stats::of_user))]),
        ("/api/follow/my-stats/", vec![(Method::GET, get().to(follow_stats::mine))]),
        ("/api/follow/search/", vec![(Method::GET, get().to(follow_search::search))]),
        (
            "/api/follow/suggestions/",
            vec![(Method::GET, get().to(follow_suggestions::suggestions))],
        ),
        ("/api/follow/notifications/", vec![(Method::GET, get().to(follow_notifications::list))]),
        (
            "/api/follow/notifications/read-all/",
            vec![(Method::POST, post().to(follow_notifications::read_all))],
        ),
        (
            "/api/follow/notifications/{id}/read/",
            vec![(Method::POST, post().to(follow_notifications::read))],
        ),
        (
            "/api/notifications/",
            vec![
                (Method::GET, get().to(notification_list::list)),
                (Method::POST, post().to(notification_list::create)),
            ],
        ),
        (
            "/api/notifications/unread_count/",
            vec![(Method::GET, get().to(notification_read::unread_count))],
        ),
        (
            "/api/notifications/mark_all_read/",
            vec![
                (Method::POST, post().to(notification_read::mark_all_read)),
                (Method::PATCH, patch().to(notification_read::mark_all_read)),
            ],
        ),
        (
            "/api/devices/",
            vec![
                (Method::GET, get().to(devices::list)),
                (Method::POST, post().to(devices::register)),
            ],
        ),
        ("/api/devices/{id}/", vec![(Method::DELETE, delete().to(devices::remove))]),
        (
            "/api/notifications/settings/",
            vec![
                (Method::GET, get().to(notification_settings::settings)),
                (Method::PATCH, patch().to(notification_settings::change)),
            ],
        ),
        (
            "/api/notifications/{id}/",
            vec![
                (Method::GET, get().to(notification::get)),
                (Method::DELETE, delete().to(notification::delete)),
            ],
        ),
        (
            "/api/notifications/{id}/mark_read/",
            vec![
                (Method::POST, post().to(notification_read::mark_read)),
                (Method::PATCH, patch().to(notification_read::mark_read)),
            ],
        ),
    ]
}
