//! Answering `resume`: what the client missed, one frame at a time, beside the live events.
//!
//! The session has been known to the chat server since before the client could ask. So whatever is
//! committed after the reading began is told as an event, whatever was committed before is read, and
//! what is both does no harm: it carries the same `rev`.

use actix::{Message, Recipient};
use bytestring::ByteString;

use crate::{
    actors::Services,
    commands::CommandError,
    domain::{Missed, SyncLimits, UserId, clock},
    protocol::{ResumeFrame, ResumedView, ServerEvent, SyncView},
    storage::StorageError,
};

/// A frame of the answer. The next one waits until the session has taken it.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(super) struct ResumeAnswer {
    pub frame: ByteString,
    pub is_last: bool,
}

/// Sends the session of `member` what he missed, as long as it lives.
pub(super) async fn answer(
    services: Services,
    member: UserId,
    resume: ResumeFrame,
    session: Recipient<ResumeAnswer>,
) {
    let tell = async |event: ServerEvent<'_>, is_last| {
        let frame = event.encode();
        session.send(ResumeAnswer { frame, is_last }).await.is_ok()
    };
    let missed = match missed(&services, member, &resume).await {
        Ok(missed) => missed,
        Err(error) => {
            tracing::warn!(%error, "could not look up what somebody missed");
            let error = CommandError::from(&error);
            tell(error.event(&error.to_string(), None), true).await;
            return;
        }
    };
    let now = clock::now();
    for conversation in &missed.conversations {
        let view = SyncView::new(conversation, member, services.online(), now);
        if !tell(ServerEvent::Sync(view.into()), false).await {
            return;
        }
    }
    tell(ServerEvent::Resumed(ResumedView::new(&missed)), true).await;
}

async fn missed(
    services: &Services,
    member: UserId,
    resume: &ResumeFrame,
) -> Result<Missed, StorageError> {
    let limits = SyncLimits::from(&services.config().limits);
    services.storage().missed(member, &resume.known, resume.epoch.as_deref(), limits).await
}
