//! The three endpoints: how one gets in, what is said on each, and how it ends.

use serde_json::{Map, Value, json};

use super::{
    close_codes, events,
    frames::{self, Types},
};

/// One WebSocket endpoint.
pub(super) struct Channel {
    pub name: &'static str,
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    /// The types of frames its parser knows.
    pub frames: Types,
    /// Whether somebody without a token is let in.
    admits_anybody: bool,
}

pub(super) const CHANNELS: [Channel; 3] = [
    Channel {
        name: "chat",
        path: "/ws/chat/",
        summary: "Conversations: sends and hears messages.",
        description: "The first event is `connection_established`; one `user_status` follows for each \
                      person who is online and shares a conversation with the user. From then on \
                      nothing that concerns him is missed on the connection.",
        frames: &crate::protocol::ClientFrame::TYPES,
        admits_anybody: false,
    },
    Channel {
        name: "messaging",
        path: "/ws/messaging/",
        summary: "Everything around messages; can send them too.",
        description: "Lets in everybody. Without a valid token, only `authenticate` and `ping` are \
                      accepted, and after 15 s (`limits.authenticate_seconds`) the connection is closed \
                      with 4010. `/ws/messaging/messaging/` is the same endpoint.",
        frames: &crate::protocol::MessagingFrame::TYPES,
        admits_anybody: true,
    },
    Channel {
        name: "notifications",
        path: "/ws/notifications/",
        summary: "Hears notifications and marks them as read.",
        description: "The first event is `unread_count`.",
        frames: &crate::protocol::NotificationFrame::TYPES,
        admits_anybody: false,
    },
];

impl Channel {
    pub fn describe(&self) -> Value {
        let messages: Map<_, _> = self
            .messages()
            .map(|key| (key.clone(), reference("components/messages", &key)))
            .collect();
        json!({
            "address": self.path,
            "title": self.path,
            "summary": self.summary,
            "description": self.description,
            "messages": messages,
            "bindings": {"ws": self.binding()},
            "x-handshake-answers": self.answers(),
            "x-close-codes": close_codes::list(self.admits_anybody),
        })
    }

    /// What the server receives on it and what it sends.
    pub fn operations(&self) -> [(String, Value); 2] {
        let operation = |action, summary, keys: Vec<String>| {
            let folder = format!("channels/{}/messages", self.name);
            let messages: Vec<_> = keys.iter().map(|key| reference(&folder, key)).collect();
            json!({
                "action": action,
                "channel": reference("channels", self.name),
                "summary": summary,
                "messages": messages,
            })
        };
        let frames = frames::keys(self.frames).collect();
        let events = events::keys(self.name).collect();
        [
            (
                format!("{}_frames", self.name),
                operation("receive", "What a client may say.", frames),
            ),
            (format!("{}_events", self.name), operation("send", "What a client may hear.", events)),
        ]
    }

    fn messages(&self) -> impl Iterator<Item = String> {
        frames::keys(self.frames).chain(events::keys(self.name))
    }

    fn binding(&self) -> Value {
        let mut query = json!({
            "token": {
                "type": "string",
                "description": "An access token; taken as it stands, not percent-decoded.",
            },
            "ticket": {
                "type": "string",
                "description": "Of `POST /api/messaging/ws-ticket/`; opens one connection. Wins over \
                                any token.",
            },
        });
        let mut subprotocols =
            "`bearer.TOKEN`, when the token is not to stand in the URL.".to_owned();
        let new_clients = match self.name {
            "chat" => Some(
                "No events under old names; `user_typing` is sent; 1012, 4008 and 4029 come in a \
                 Close frame, not as a broken connection.",
            ),
            "notifications" => {
                Some("1012, 4008 and 4029 come in a Close frame, not as a broken connection.")
            }
            _ => None,
        };
        if let Some(description) = new_clients {
            query["v"] = json!({"type": "string", "enum": ["2"], "description": description});
            subprotocols.push_str(" `vikrahub.v2` says the same as `v=2` and is selected.");
        }
        json!({
            "method": "GET",
            "query": {"type": "object", "properties": query},
            "headers": {
                "type": "object",
                "properties": {
                    "Authorization": {
                        "type": "string",
                        "description": "`Bearer TOKEN`; looked at when the query has no token.",
                    },
                    "Sec-WebSocket-Protocol": {"type": "string", "description": subprotocols},
                    "Origin": {
                        "type": "string",
                        "description": "Of a web page: the server's own, or one of \
                                        `cors.allowed_origins`.",
                    },
                },
            },
            "bindingVersion": "0.1.0",
        })
    }

    /// What can come instead of the upgrade.
    fn answers(&self) -> Value {
        let forbidden = if self.admits_anybody {
            "A web page of a foreign origin."
        } else {
            "A web page of a foreign origin; no token, or one that is not valid for an active user."
        };
        json!([
            {"status": 101, "description": "The connection is open."},
            {"status": 400, "description": "Not a WebSocket handshake."},
            {"status": 403, "description": forbidden},
            {
                "status": 429,
                "description": "Too many handshakes or open connections of the address; `Retry-After` \
                                says when to try again.",
            },
            {"status": 503, "description": "The server is restarting, or its database is unavailable."},
        ])
    }
}

/// The ways to pass a token; one of them is enough.
pub(super) fn security() -> Value {
    json!([
        reference("components/securitySchemes", "token"),
        reference("components/securitySchemes", "bearer"),
    ])
}

pub(super) fn security_schemes() -> Value {
    let description = "An access token: a JWT, as `POST /api/auth/token/` issues it.";
    json!({
        "token": {"type": "httpApiKey", "in": "query", "name": "token", "description": description},
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": description,
        },
    })
}

fn reference(folder: &str, key: &str) -> Value {
    json!({"$ref": format!("#/{folder}/{key}")})
}
