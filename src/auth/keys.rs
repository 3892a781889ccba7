//! The keys tokens are verified with. The algorithm belongs to the key: what a token says of it has
//! only to agree.

use std::fs;

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use serde_json::{Map, Value};

/// Keys one set may have; the others are left out.
const SET_MAX: usize = 100;

/// Largest file or answer with keys, in bytes.
pub(super) const KEYS_BYTES: usize = 262_144;

/// A key, the one algorithm it is for, and its name in a set.
#[derive(Clone)]
pub struct Key {
    algorithm: Algorithm,
    id: Option<String>,
    verifying: DecodingKey,
}

/// Why keys cannot be used. Says where they are from, never what they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read {0}: {1}")]
    Unreadable(String, String),
    #[error("{0} is not a public key: expected RSA, P-256 or Ed25519 in PEM")]
    NotAPublicKey(String),
    #[error("{0} is not a JSON Web Key Set")]
    NotASet(String),
    #[error("{0} has no key for RS256, ES256 or EdDSA")]
    NothingUseful(String),
    #[error("{0} is larger than {KEYS_BYTES} bytes")]
    TooLarge(String),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Key {
    pub fn secret(secret: &[u8]) -> Self {
        let verifying = DecodingKey::from_secret(secret);
        Self { algorithm: Algorithm::HS256, id: None, verifying }
    }

    /// A public key in PEM; what kind of key it is says its algorithm.
    pub fn from_pem_file(path: &str) -> Result<Self, KeyError> {
        let pem = read(path)?;
        let not_one = || KeyError::NotAPublicKey(path.to_owned());
        // A private key would verify as well, but has no business here.
        if !pem.windows(10).any(|part| part == b"PUBLIC KEY") {
            return Err(not_one());
        }
        let rsa = DecodingKey::from_rsa_pem(&pem).map(|key| (Algorithm::RS256, key));
        let found = rsa
            .or_else(|_other| DecodingKey::from_ec_pem(&pem).map(|key| (Algorithm::ES256, key)))
            .or_else(|_other| DecodingKey::from_ed_pem(&pem).map(|key| (Algorithm::EdDSA, key)));
        let (algorithm, verifying) = found.map_err(|_other| not_one())?;
        Ok(Self { algorithm, id: None, verifying })
    }

    /// Whether a token with this header may be tried with the key: a key with a name is only for
    /// tokens that name it.
    pub(super) fn fits(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        self.algorithm == algorithm && self.id.as_deref().is_none_or(|name| Some(name) == id)
    }

    pub(super) const fn is_shared(&self) -> bool {
        matches!(self.algorithm, Algorithm::HS256)
    }

    /// The claims of a token this key has signed.
    pub(super) fn verify(&self, token: &str) -> Option<Map<String, Value>> {
        let mut signature_only = Validation::new(self.algorithm);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        jsonwebtoken::decode(token, &self.verifying, &signature_only).ok().map(|data| data.claims)
    }
}

/// The keys of a set in a file.
pub fn keys_from_file(path: &str) -> Result<Vec<Key>, KeyError> {
    keys_of_set(path, &read(path)?)
}

/// The keys of a set that are of use here; `origin` says where it is from.
pub(super) fn keys_of_set(origin: &str, json: &[u8]) -> Result<Vec<Key>, KeyError> {
    let set: JwkSet =
        serde_json::from_slice(json).map_err(|_malformed| KeyError::NotASet(origin.to_owned()))?;
    let keys: Vec<_> = set.keys.iter().filter_map(from_jwk).take(SET_MAX).collect();
    if keys.is_empty() { Err(KeyError::NothingUseful(origin.to_owned())) } else { Ok(keys) }
}

/// `None` for keys of other kinds or for other things. A shared secret has no place in a set of public
/// keys: one there is left out.
fn from_jwk(jwk: &Jwk) -> Option<Key> {
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::OctetKey(_)
        | AlgorithmParameters::Other(_)
        | _ => return None,
    };
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let agrees = jwk.common.key_algorithm.is_none_or(|given| given == named);
    if !for_signatures || !agrees {
        return None;
    }
    let verifying = DecodingKey::from_jwk(jwk).ok()?;
    Some(Key { algorithm, id: jwk.common.key_id.clone(), verifying })
}

fn read(path: &str) -> Result<Vec<u8>, KeyError> {
    let unreadable =
        |error: std::io::Error| KeyError::Unreadable(path.to_owned(), error.to_string());
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > KEYS_BYTES as u64 {
        return Err(KeyError::TooLarge(path.to_owned()));
    }
    fs::read(path).map_err(unreadable)
}
