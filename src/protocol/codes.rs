//! Stable codes: what went wrong, and why a connection was closed. Numbers and words never change
//! their meaning; the texts beside them are the contract's.

use serde::Serialize;
use utoipa::ToSchema;

/// What a client can branch on in an `error` event or an error body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, not an object, or a binary frame.
    InvalidFrame,
    UnknownType,
    /// The connection has no identity yet, or the token is not valid.
    NotAuthenticated,
    /// A field is missing or empty.
    Required,
    /// A field has the wrong type or form.
    Invalid,
    TooLong,
    NotFound,
    /// Allowed to somebody else only.
    Forbidden,
    /// Sending to oneself.
    SelfRecipient,
    /// Too many requests: wait `retry_after` seconds.
    RateLimited,
    /// The write queue is full: send again later with the same `client_id`.
    Overloaded,
    /// The database cannot be reached: send again later with the same `client_id`.
    Unavailable,
    /// The server is about to restart: reconnect and send again with the same `client_id`.
    Restarting,
    /// The disk of the database is full.
    StorageFull,
    /// Somebody else has it already.
    Taken,
    Internal,
}

/// Why the server closes a WebSocket (RFC 6455 section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    Normal = 1000,
    ProtocolError = 1002,
    InvalidUtf8 = 1007,
    TooBig = 1009,
    Internal = 1011,
    /// The server restarts: reconnect with jittered backoff.
    Restart = 1012,
    /// The server is overloaded: reconnect with jittered backoff.
    Overloaded = 1013,
    /// No valid token: do not reconnect with the same one.
    NotAuthenticated = 4001,
    /// The user was deactivated: do not reconnect.
    Forbidden = 4003,
    /// The client reads too slowly: reconnect with jittered backoff and load what was missed.
    SlowConsumer = 4008,
    /// Too many connections of this user or address: do not reconnect.
    TooManyConnections = 4009,
    /// Nobody said who he is in time: do not reconnect without a token.
    NobodyAuthenticated = 4010,
    /// Too many frames: reconnect with jittered backoff.
    Flooding = 4029,
}

impl CloseCode {
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Reads [`Self::number`] back; 0 and unknown numbers are `None`.
    pub const fn from_number(number: u16) -> Option<Self> {
        Some(match number {
            1000 => Self::Normal,
            1002 => Self::ProtocolError,
            1007 => Self::InvalidUtf8,
            1009 => Self::TooBig,
            1011 => Self::Internal,
            1012 => Self::Restart,
            1013 => Self::Overloaded,
            4001 => Self::NotAuthenticated,
            4003 => Self::Forbidden,
            4008 => Self::SlowConsumer,
            4009 => Self::TooManyConnections,
            4010 => Self::NobodyAuthenticated,
            4029 => Self::Flooding,
            _ => return None,
        })
    }

    /// Whether the client shall come back by itself, as after a connection that broke.
    pub const fn asks_to_reconnect(self) -> bool {
        matches!(self, Self::Restart | Self::Overloaded | Self::SlowConsumer | Self::Flooding)
    }

    /// The reason sent in the Close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::ProtocolError => "protocol error",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::TooBig => "message too big",
            Self::Internal => "internal error",
            Self::Restart => "server restarting",
            Self::Overloaded => "server overloaded",
            Self::NotAuthenticated => "not authenticated",
            Self::Forbidden => "forbidden",
            Self::SlowConsumer => "slow consumer",
            Self::TooManyConnections => "too many connections",
            Self::NobodyAuthenticated => "nobody authenticated in time",
            Self::Flooding => "too many frames",
        }
    }
}
