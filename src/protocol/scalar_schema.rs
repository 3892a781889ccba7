//! How ids and moments are described in the documents of the API.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{Schema, Type},
    },
};

use super::Stamp;
use crate::domain::{ConversationId, FollowId, MessageId};

macro_rules! describe_text {
    ($($type:ty: $name:literal, $format:ident, $description:literal, $example:literal;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::$format)))
                    .description(Some($description))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

describe_text! {
    ConversationId: "ConversationId", Uuid, "Names a conversation.",
        "01a20d7b-b974-7025-9a15-65e9af6a1053";
    FollowId: "FollowId", Uuid, "Names a follow.", "01a20d7c-02c1-7d2e-8a55-0f4f7a6d0c11";
    MessageId: "MessageId", Uuid, "Names a message; a UUID of version 7.",
        "01a20d7b-b975-73fe-b0bf-4962af7b18a6";
    Stamp: "Timestamp", DateTime, "A moment in UTC, with six digits.",
        "2026-11-24T12:15:41.940635Z";
}
