//! The query parameters of `sync` and `changes`, described; they are read field by field.
#![expect(dead_code, reason = "descriptions only")]

use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SyncParameters {
    /// What the caller has: `id:rev`, separated by commas. Empty or left out: nothing.
    cursors: Option<String>,
    /// The database the cursors are of.
    epoch: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChangesParameters {
    /// The number of the last change the caller knows.
    #[param(minimum = 0)]
    after_rev: i64,
    /// Most changes; never more than `limits.sync_page`.
    #[param(minimum = 1)]
    limit: Option<i64>,
    /// The database the number is of.
    epoch: Option<String>,
}
