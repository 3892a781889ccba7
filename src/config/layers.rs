//! The layers of the configuration and the errors that name file and key.
//!
//! Later wins: defaults in code, `config/default.toml`, `config/{VIKRAHUB_ENV}.toml`, the file given
//! by `--config`, the environment.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use config::builder::DefaultState;
use toml::Value;

use super::Config;

/// Environment variables with names of their own, and the keys they set.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("DJANGO_SECRET_KEY", "auth.secrets"),
    ("JWT_SECRET", "auth.secrets"),
    ("DATABASE_URL", "database.url"),
    ("REDIS_URL", "redis.url"),
    ("CORS_ALLOWED_ORIGINS", "cors.allowed_origins"),
];

const PREFIX: &str = "VIKRAHUB__";

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Folder with `default.toml` and one file per environment.
    pub folder: PathBuf,
    /// Name of the environment; `None` = `development`.
    pub environment: Option<String>,
    /// File given on the command line.
    pub file: Option<PathBuf>,
    pub variables: BTreeMap<String, String>,
}

/// A configuration that cannot be used; names the source and the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{origin}: unknown key `{key}`")]
    UnknownKey { origin: String, key: String },
    #[error("{origin}: `{key}` {reason}")]
    InvalidValue { origin: String, key: String, reason: String },
}

impl Sources {
    /// The process environment and the folder `config` of the working directory.
    pub fn from_process(file: Option<PathBuf>) -> Self {
        Self {
            folder: PathBuf::from("config"),
            environment: env::var("VIKRAHUB_ENV").ok().filter(|name| !name.is_empty()),
            file,
            variables: env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        }
    }

    pub(super) fn load(&self) -> Result<Config, ConfigError> {
        let known = Value::try_from(Config::default()).expect("settings are plain tables");
        // Which source set a key last, to be named when its value turns out to be bad.
        let mut origins: BTreeMap<String, String> = BTreeMap::new();
        let mut builder = config::Config::builder();

        for file in self.files()? {
            let origin = file.display().to_string();
            for (key, value) in read_file(&file, &known)? {
                builder = set(builder, &key, value, &origin)?;
                origins.insert(key, origin.clone());
            }
        }
        for (name, key, value) in self.variables(&known)? {
            let origin = format!("environment variable {name}");
            let value = match lookup(&known, &key) {
                // A secret with a name of its own is one secret, whatever characters it has.
                Some(Value::Array(_)) if key == "auth.secrets" && !name.starts_with(PREFIX) => {
                    Value::Array(vec![value.into()])
                }
                Some(Value::Array(_)) => {
                    Value::Array(value.split(',').map(|item| item.trim().into()).collect())
                }
                Some(_) | None => Value::String(value),
            };
            builder = set(builder, &key, value, &origin)?;
            origins.insert(key, origin);
        }

        let origin = |key: &str| origins.get(key).cloned().unwrap_or_else(|| "defaults".into());
        let config: Config = builder
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| bad_type(&error, &origin))?;
        config.validate().map_err(|invalid| ConfigError::InvalidValue {
            origin: origin(invalid.key),
            key: invalid.key.into(),
            reason: invalid.reason,
        })?;
        Ok(config)
    }

    fn files(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let mut files = vec![];
        let default = self.folder.join("default.toml");
        if default.exists() {
            files.push(default);
        }
        let environment = self.environment.as_deref().unwrap_or("development");
        let overlay = self.folder.join(format!("{environment}.toml"));
        if overlay.exists() {
            files.push(overlay);
        } else if self.environment.is_some() && self.folder.exists() {
            return Err(ConfigError::Unreadable {
                file: overlay.display().to_string(),
                reason: "no such file, yet VIKRAHUB_ENV names it".into(),
            });
        }
        files.extend(self.file.clone());
        Ok(files)
    }

    /// Variable, key and value of everything the environment sets, in the order it is applied.
    fn variables(&self, known: &Value) -> Result<Vec<(String, String, String)>, ConfigError> {
        let mut found = vec![];
        for (name, key) in WELL_KNOWN {
            if let Some(value) = self.variables.get(*name).filter(|value| !value.is_empty()) {
                found.push(((*name).to_owned(), (*key).to_owned(), value.clone()));
            }
        }
        for (name, value) in &self.variables {
            let Some(path) = name.strip_prefix(PREFIX) else { continue };
            let key = path.to_lowercase().replace("__", ".");
            if !matches!(lookup(known, &key), Some(value) if !value.is_table()) {
                return Err(ConfigError::UnknownKey {
                    origin: format!("environment variable {name}"),
                    key,
                });
            }
            found.push((name.clone(), key, value.clone()));
        }
        Ok(found)
    }
}

fn set(
    builder: config::ConfigBuilder<DefaultState>,
    key: &str,
    value: Value,
    origin: &str,
) -> Result<config::ConfigBuilder<DefaultState>, ConfigError> {
    builder.set_override(key, to_config(value)).map_err(|error| ConfigError::InvalidValue {
        origin: origin.to_owned(),
        key: key.to_owned(),
        reason: error.to_string(),
    })
}

fn to_config(value: Value) -> config::Value {
    use config::ValueKind;
    let kind = match value {
        Value::String(text) => ValueKind::String(text),
        Value::Integer(number) => ValueKind::I64(number),
        Value::Float(number) => ValueKind::Float(number),
        Value::Boolean(flag) => ValueKind::Boolean(flag),
        Value::Datetime(moment) => ValueKind::String(moment.to_string()),
        Value::Array(items) => ValueKind::Array(items.into_iter().map(to_config).collect()),
        Value::Table(fields) => ValueKind::Table(
            fields.into_iter().map(|(key, value)| (key, to_config(value))).collect(),
        ),
    };
    config::Value::new(None, kind)
}

/// Keys and values of one file; unknown keys are refused.
fn read_file(file: &Path, known: &Value) -> Result<Vec<(String, Value)>, ConfigError> {
    let unreadable =
        |reason: String| ConfigError::Unreadable { file: file.display().to_string(), reason };
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        unreadable(error.to_string().trim_end().replace('\n', " "))
    })?;
    let mut found = vec![];
    flatten("", table, known, &mut found)
        .map_err(|key| ConfigError::UnknownKey { origin: file.display().to_string(), key })?;
    Ok(found)
}

fn flatten(
    prefix: &str,
    table: toml::Table,
    known: &Value,
    found: &mut Vec<(String, Value)>,
) -> Result<(), String> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match (known.get(&name), value) {
            (Some(below), Value::Table(fields)) if below.is_table() => {
                flatten(&key, fields, below, found)?;
            }
            (Some(below), value) if !below.is_table() => found.push((key, value)),
            (Some(_) | None, _) => return Err(key),
        }
    }
    Ok(())
}

fn lookup<'a>(known: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(known, |value, name| value.get(name))
}

fn bad_type(error: &config::ConfigError, origin: &dyn Fn(&str) -> String) -> ConfigError {
    let invalid = |key: &str, reason: String| ConfigError::InvalidValue {
        origin: origin(key),
        key: key.to_owned(),
        reason,
    };
    if let config::ConfigError::Type { unexpected, expected, key: Some(key), .. } = error {
        return invalid(key, format!("must be {expected}, is {unexpected}"));
    }
    if let config::ConfigError::At { error, key: Some(key), .. } = error {
        return invalid(key, error.to_string());
    }
    ConfigError::Unreadable { file: "configuration".into(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("given.toml");
        fs::write(&path, file).expect("a file");
        let sources = Sources {
            folder: folder.path().to_owned(),
            environment: None,
            file: Some(path),
            variables: variables.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        };
        sources
            .load()
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "DIR"))
    }

    #[test]
    fn later_layers_win() {
        let config =
            load("[server]\nport = 9000\nworkers = 3", &[("VIKRAHUB__SERVER__PORT", "9001")])
                .expect("valid");

        assert_eq!((config.server.port, config.server.workers), (9001, 3));
        assert_eq!(config.server.shutdown_seconds, 25);
    }

    #[test]
    fn unknown_keys_are_refused_with_their_source() {
        assert_eq!(
            load("[server]\nprot = 9000", &[]),
            Err("DIR/given.toml: unknown key `server.prot`".into())
        );
        assert_eq!(load("port = 1", &[]), Err("DIR/given.toml: unknown key `port`".into()));
        assert_eq!(
            load("", &[("VIKRAHUB__SERVER__PROT", "1")]),
            Err("environment variable VIKRAHUB__SERVER__PROT: unknown key `server.prot`".into())
        );
    }

    #[test]
    fn bad_values_are_refused_with_their_source() {
        let file = load("[server]\nport = \"many\"", &[]).expect_err("not a number");
        assert!(file.starts_with("DIR/given.toml: `server.port` must be"), "{file}");
        let variable = load("", &[("VIKRAHUB__SERVER__PORT", "70000")]).expect_err("too large");
        assert!(
            variable.starts_with("environment variable VIKRAHUB__SERVER__PORT: `server.port`"),
            "{variable}"
        );
        assert_eq!(
            load("[database]\nbatch_max = 0", &[]),
            Err("DIR/given.toml: `database.batch_max` must be at least 1, is 0".into())
        );
        let syntax = load("[server\n", &[]).expect_err("not TOML");
        assert!(syntax.starts_with("DIR/given.toml: "), "{syntax}");
    }

    #[test]
    fn weak_and_placeholder_secrets_are_refused() {
        for secret in ["short", "dev-secret-key-change-in-production", &"a".repeat(40)] {
            let error = load("", &[("JWT_SECRET", secret)]).expect_err(secret);
            assert!(
                error.starts_with("environment variable JWT_SECRET: `auth.secrets`"),
                "{error}"
            );
            assert!(!error.contains(secret), "{error}");
        }
    }

    #[test]
    fn a_secret_is_taken_as_it_stands_and_never_shown() {
        let secret = " 1234567890,1234567890,1234567890123456 ";
        let config = load("", &[("DJANGO_SECRET_KEY", secret)]).expect("valid");

        assert_eq!(config.auth.secrets, [Secret::new(secret)]);
        assert!(!config.to_toml().contains(secret));
        assert!(!format!("{config:?}").contains(secret));
    }

    #[test]
    fn the_documented_file_holds_every_key_with_its_default() {
        let documented: toml::Table =
            include_str!("../../config/default.toml").parse().expect("TOML");

        assert_eq!(Value::Table(documented), Value::try_from(Config::default()).expect("TOML"));
    }
}
