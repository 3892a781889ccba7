//! Key pairs of a host platform that signs with private keys.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

/// What stands before the point of a P-256 key, and before an Ed25519 key, in DER (RFC 5480, RFC 8410).
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A fresh private key with its public half.
#[derive(Clone)]
pub struct KeyPair {
    pub algorithm: Algorithm,
    private: EncodingKey,
    public_der: Vec<u8>,
    pub private_pem: String,
}

impl KeyPair {
    pub fn generate(algorithm: Algorithm) -> Self {
        #[expect(clippy::wildcard_enum_match_arm, reason = "there are three")]
        match algorithm {
            Algorithm::RS256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let private: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
                let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
                let private_pem = pem("PRIVATE KEY", private.as_ref());
                Self {
                    algorithm,
                    private: EncodingKey::from_rsa_pem(private_pem.as_bytes()).unwrap(),
                    public_der: public.as_ref().to_vec(),
                    private_pem,
                }
            }
            Algorithm::ES256 => {
                let random = aws_lc_rs::rand::SystemRandom::new();
                let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let private = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(curve, private.as_ref()).unwrap();
                let private_pem = pem("PRIVATE KEY", private.as_ref());
                Self {
                    algorithm,
                    private: EncodingKey::from_ec_pem(private_pem.as_bytes()).unwrap(),
                    public_der: [P256, pair.public_key().as_ref()].concat(),
                    private_pem,
                }
            }
            _ => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let private = pair.to_pkcs8v1().unwrap();
                let private_pem = pem("PRIVATE KEY", private.as_ref());
                Self {
                    algorithm: Algorithm::EdDSA,
                    private: EncodingKey::from_ed_pem(private_pem.as_bytes()).unwrap(),
                    public_der: [ED25519, pair.public_key().as_ref()].concat(),
                    private_pem,
                }
            }
        }
    }

    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.public_der)
    }

    /// The public half in a set, under a name.
    pub fn jwk(&self, id: &str) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        jwk
    }

    pub fn sign(&self, claims: &Value, id: Option<&str>) -> String {
        let header = Header { kid: id.map(Into::into), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
