//! `POST /api/messaging/ws-ticket/`: a ticket for one WebSocket, for pages that do not want their
//! token in a URL.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, extract::Identity};
use crate::{
    actors::Services,
    auth::Ticket,
    commands::{Command, CommandError, IssueTicket},
    domain::clock,
};

/// How long a ticket waits to be used.
const SECONDS: u32 = 30;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TicketView<'a> {
    /// Goes into the query of a WebSocket's address: `?ticket=…`. Opens one.
    #[schema(example = "8kZ0m2Yk7lqkR7u1pQ0dWJ3m6yq8Yt0xJ7bqf2nE5rM")]
    ticket: &'a str,
    /// Seconds.
    expires_in: u32,
}

#[utoipa::path(
    post,
    path = "/api/messaging/ws-ticket/",
    operation_id = "issue_ticket",
    tag = "accounts",
    summary = "A ticket that opens one WebSocket",
    description = "Used once, within 30 s. A user has at most 10 unused ones; the oldest makes room.",
    responses((status = 201, description = "The ticket.", body = TicketView)),
)]
pub(super) async fn issue(
    services: web::Data<Services>,
    Identity(person): Identity,
) -> Result<HttpResponse, ApiError> {
    let ticket = Ticket::generate().ok_or(CommandError::Internal)?;
    let expires_at = clock::now() + chrono::Duration::seconds(i64::from(SECONDS));
    let issue = IssueTicket { user: person.id, hash: ticket.hash(), expires_at };
    services.execute(Command::IssueTicket(issue), person.id).await?;
    let view = TicketView { ticket: ticket.expose(), expires_in: SECONDS };
    Ok(HttpResponse::Created().json(view))
}
