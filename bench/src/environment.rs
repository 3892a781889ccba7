//! The environment variables under which a measured server runs.

use std::fmt;

use anyhow::{Context, Result, ensure};

/// The server's own list of settings; it refuses to start on one it does not know.
const KNOWN_SETTINGS: &str = "config/default.toml";

/// Section, key and value of what must be quiet or off while measuring; 0 is off.
const QUIET: [(&str, &str, &str); 9] = [
    ("limits", "sends_per_second", "0"),
    ("limits", "frames_per_second", "0"),
    ("limits", "typing_per_minute", "0"),
    ("limits", "connects_per_minute", "0"),
    ("limits", "sockets_per_user", "0"),
    ("limits", "sockets_per_address", "0"),
    ("limits", "logins_per_minute", "0"),
    ("limits", "registrations_per_minute", "0"),
    ("log", "level", "warn"),
];

/// Signs the tokens of servers that live for a minute on the loopback interface.
const SECRET: &str = "a-secret-of-the-load-generator-and-of-nobody-else";

/// Whether the server commits what has gathered, or every message by itself.
#[derive(Debug, Clone, Copy)]
pub enum Batches {
    Grouped,
    OfOne,
}

impl fmt::Display for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grouped => "group commit",
            Self::OfOne => "batches of one",
        })
    }
}

/// Knows which settings the server has.
#[derive(Debug)]
pub struct Environment {
    known: String,
}

impl Environment {
    pub fn load() -> Result<Self> {
        let known = std::fs::read_to_string(KNOWN_SETTINGS).with_context(|| {
            format!("cannot read {KNOWN_SETTINGS}; run from the root of the repository")
        })?;
        let unknown: Vec<String> = QUIET
            .iter()
            .filter(|(section, key, _)| !has_setting(&known, section, key))
            .map(|(section, key, _)| format!("{section}.{key}"))
            .collect();
        if !unknown.is_empty() {
            eprintln!("bench: not in {KNOWN_SETTINGS}, so left alone: {}", unknown.join(", "));
        }
        Ok(Self { known })
    }

    pub fn variables(&self, database_url: &str, batches: Batches) -> Result<Vec<(String, String)>> {
        let mut variables = vec![
            ("DATABASE_URL".to_owned(), database_url.to_owned()),
            ("JWT_SECRET".to_owned(), SECRET.to_owned()),
        ];
        for (section, key, value) in QUIET {
            if has_setting(&self.known, section, key) {
                variables.push((variable(section, key), value.to_owned()));
            }
        }
        if let Batches::OfOne = batches {
            ensure!(
                has_setting(&self.known, "database", "batch_max"),
                "{KNOWN_SETTINGS} has no database.batch_max: batches of one cannot be measured"
            );
            variables.push((variable("database", "batch_max"), "1".to_owned()));
        }
        Ok(variables)
    }
}

pub fn variable(section: &str, key: &str) -> String {
    format!("VIKRAHUB__{section}__{key}").to_uppercase()
}

/// Whether a TOML text sets a key in a section, or shows it commented out.
fn has_setting(toml: &str, section: &str, key: &str) -> bool {
    let mut inside = false;
    for line in toml.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            inside = header.strip_suffix(']') == Some(section);
        } else if inside {
            let line = line.trim_start_matches('#').trim_start();
            let rest = line.strip_prefix(key).map(str::trim_start);
            if rest.is_some_and(|rest| rest.starts_with('=')) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{has_setting, variable};

    const SETTINGS: &str = "
[server]
port = 8000

[limits]
# Sockets of one user.
sockets_per_user = 100
# sends_per_second = 20
";

    #[test]
    fn a_setting_is_found_in_its_section_only() {
        assert!(has_setting(SETTINGS, "server", "port"));
        assert!(has_setting(SETTINGS, "limits", "sockets_per_user"));
        assert!(!has_setting(SETTINGS, "limits", "port"));
        assert!(!has_setting(SETTINGS, "limits", "sockets"));
    }

    #[test]
    fn a_setting_shown_commented_out_is_known() {
        assert!(has_setting(SETTINGS, "limits", "sends_per_second"));
    }

    #[test]
    fn a_variable_names_section_and_key() {
        assert_eq!(variable("log", "level"), "VIKRAHUB__LOG__LEVEL");
    }
}
