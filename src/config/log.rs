//! Section `log`: how much is written, and in which form.

use serde::{Deserialize, Serialize};

use super::InvalidValue;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,sqlx=warn`.
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object per line, for machines.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Pretty }
    }
}

impl LogConfig {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let invalid = |reason| InvalidValue { key: "log.level", reason };
        // The filter takes a word it does not know for the name of a module, and is silent then.
        for word in self.level.split(',').map(str::trim).filter(|word| !word.contains('=')) {
            if !LEVELS.contains(&word.to_lowercase().as_str()) {
                return Err(invalid(format!("must be one of {}, is `{word}`", LEVELS.join(", "))));
            }
        }
        tracing_subscriber::EnvFilter::try_new(&self.level)
            .map(drop)
            .map_err(|error| invalid(error.to_string()))
    }
}
