//! Faults planted on purpose, which the simulation has to find.

use crate::database::Disk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// A commit is said to have succeeded that has not.
    AckBeforeCommit,
    /// A number is given to two messages of a conversation.
    SameNumberTwice,
    /// A number is left out.
    NumberLeftOut,
    /// A repeat of a send is not known again.
    ForgottenClientIds,
    /// What the bus loses is not looked for.
    NoComparison,
    /// One of many events is lost on its way to its connection.
    LostEvent,
    /// One of many events is told somebody else too.
    CrossedWires,
}

impl Plant {
    pub const ALL: [Self; 7] = [
        Self::AckBeforeCommit,
        Self::SameNumberTwice,
        Self::NumberLeftOut,
        Self::ForgottenClientIds,
        Self::NoComparison,
        Self::LostEvent,
        Self::CrossedWires,
    ];

    /// How it shows.
    pub fn symptom(self) -> &'static str {
        match self {
            Self::AckBeforeCommit => "lost: ",
            Self::SameNumberTwice | Self::NumberLeftOut => "numbers with gaps or repeats",
            Self::ForgottenClientIds => "duplicated: ",
            Self::NoComparison => "not complete in time",
            Self::LostEvent => "a hole",
            Self::CrossedWires => "leaked: ",
        }
    }

    /// Takes away what would stand against it.
    pub fn prepare(self, disk: &Disk) {
        match self {
            Self::SameNumberTwice => disk.change("DROP INDEX messages_seq"),
            Self::ForgottenClientIds => disk.change("DROP INDEX messages_client_id"),
            Self::AckBeforeCommit
            | Self::NumberLeftOut
            | Self::NoComparison
            | Self::LostEvent
            | Self::CrossedWires => {}
        }
    }

    pub fn after_commit(self, disk: &Disk, sometimes: impl Fn() -> bool) {
        match self {
            Self::SameNumberTwice if sometimes() => {
                disk.change("UPDATE conversations SET last_seq = last_seq - 1 WHERE last_seq > 0");
            }
            Self::NumberLeftOut if sometimes() => {
                disk.change("UPDATE conversations SET last_seq = last_seq + 1, rev = rev + 1");
            }
            Self::ForgottenClientIds => disk.change("UPDATE messages SET client_id = NULL"),
            Self::AckBeforeCommit
            | Self::SameNumberTwice
            | Self::NumberLeftOut
            | Self::NoComparison
            | Self::LostEvent
            | Self::CrossedWires => {}
        }
    }
}
