//! Pages of lists that are not messages: `page` and `page_size`, and the envelope around them.

use actix_web::HttpRequest;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    extract::Query,
    pagination::{invalid_page, link, page_number},
};

/// Rows on a page unless the client says otherwise.
const PAGE_SIZE: u64 = 20;

/// Rows on a page at most.
const PAGE_SIZE_MAX: u64 = 100;

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListPage {
    number: u64,
    pub size: u64,
}

/// Which page of a list is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the query is read field by field; this describes it")]
pub(super) struct ListPaging {
    #[param(minimum = 1, default = 1)]
    page: Option<u64>,
    /// Rows on a page; cut to 100.
    #[param(minimum = 1, default = 20)]
    page_size: Option<u64>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListPage)]
pub(super) struct ListEnvelope<T> {
    count: u64,
    #[schema(required)]
    next: Option<String>,
    #[schema(required)]
    previous: Option<String>,
    results: Vec<T>,
}

impl ListPage {
    /// A size that makes no sense counts as none, as in the replaced service.
    pub fn of(query: &Query) -> Result<Self, ApiError> {
        let size = query.get("page_size").and_then(|text| text.parse().ok());
        let size = size.filter(|size| *size > 0).unwrap_or(PAGE_SIZE).min(PAGE_SIZE_MAX);
        Ok(Self { number: page_number(query)?, size })
    }

    /// Rows before this page; 404 when the list is too short for it.
    pub fn offset(self, count: u64) -> Result<u64, ApiError> {
        let offset = (self.number - 1).saturating_mul(self.size);
        if self.number > 1 && offset >= count {
            return Err(invalid_page());
        }
        Ok(offset)
    }

    pub fn envelope<T>(
        self,
        request: &HttpRequest,
        query: &Query,
        count: u64,
        results: Vec<T>,
    ) -> ListEnvelope<T> {
        let to = |page: u64| link(request, query, "page", &page.to_string());
        ListEnvelope {
            count,
            next: (self.number.saturating_mul(self.size) < count).then(|| to(self.number + 1)),
            previous: (self.number > 1).then(|| to(self.number - 1)),
            results,
        }
    }
}
