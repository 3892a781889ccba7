//! What somebody wants to be told of.

use serde_json::{Map, Value};

use super::Cause;

/// Settings as a client has written them. Only one thing in them means something here: `false` under
/// the name of a verb switches its notifications off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationSettings(Map<String, Value>);

/// Settings that would be too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Ensure these settings have no more than {} bytes.", NotificationSettings::MAX_BYTES)]
pub struct SettingsTooLarge;

impl NotificationSettings {
    /// Longest stored text.
    pub const MAX_BYTES: usize = 4096;

    /// What is stored and cannot be read counts as nothing.
    pub fn from_json(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Takes over the given fields and removes those that are null.
    pub fn merge(mut self, changes: &Map<String, Value>) -> Result<Self, SettingsTooLarge> {
        for (name, value) in changes {
            if value.is_null() {
                self.0.remove(name);
            } else {
                self.0.insert(name.clone(), value.clone());
            }
        }
        if self.to_json().len() > Self::MAX_BYTES { Err(SettingsTooLarge) } else { Ok(self) }
    }

    /// Whether somebody with these settings is told. What he notes for himself he always is.
    pub fn allow(&self, cause: &Cause) -> bool {
        matches!(cause, Cause::Other { .. })
            || self.0.get(cause.verb()).and_then(Value::as_bool) != Some(false)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(value: &Value) -> NotificationSettings {
        NotificationSettings::from_json(&value.to_string())
    }

    #[test]
    fn only_false_switches_a_verb_off() {
        for (value, is_told) in [
            (json!({}), true),
            (json!({"follow": false}), false),
            (json!({"follow": true}), true),
            (json!({"follow": 0}), true),
            (json!({"message": false}), true),
            (json!([]), true),
        ] {
            assert_eq!(settings(&value).allow(&Cause::Follow), is_told, "{value}");
        }
    }

    #[test]
    fn changes_are_merged_and_null_removes() {
        let before = settings(&json!({"follow": false, "theme": "dark"}));

        let after = before.merge(json!({"theme": null, "reply": false}).as_object().expect("map"));

        assert_eq!(after, Ok(settings(&json!({"follow": false, "reply": false}))));
    }

    #[test]
    fn settings_have_an_end() {
        let long = json!({"x": "y".repeat(NotificationSettings::MAX_BYTES)});

        let merged = NotificationSettings::default().merge(long.as_object().expect("map"));

        assert_eq!(merged, Err(SettingsTooLarge));
    }
}
