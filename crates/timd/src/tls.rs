//! Certificates: the operator's, or a private authority for localhost made at the first start.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::setup;

/// Names in the certificate that the server makes.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What the server shows, and what a client must trust for it.
pub struct Tls {
    /// For the listener.
    pub config: Arc<ServerConfig>,
    /// The authority's certificate, when the server is its own.
    pub ca: Option<PathBuf>,
}

/// The operator's certificate.
pub fn from_files(cert: &Path, key: &Path) -> Result<Tls, String> {
    let say = |path: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|e| say(cert, &e))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|e| say(key, &e))?;
    if let Some(days) = chain.first().and_then(|leaf| days_left(leaf))
        && days < 30
    {
        let cert = cert.display();
        match days {
            ..0 => {
                tracing::warn!(%cert, "the certificate has expired: clients refuse it; renew it")
            }
            _ => {
                tracing::warn!(%cert, days, "the certificate is good for a few days more: renew it")
            }
        }
    }
    Ok(Tls {
        config: server_config(chain, key_der)?,
        ca: None,
    })
}

/// How many days a certificate is good for; below 0 when it has expired.
pub fn days_left(der: &[u8]) -> Option<i64> {
    let now = setup::now_s().cast_signed();
    let (_, cert) = X509Certificate::from_der(der).ok()?;
    Some((cert.validity().not_after.timestamp() - now).div_euclid(24 * 60 * 60))
}

/// A certificate for localhost from an authority that lives in `dir`. The authority is made once;
/// the certificate anew at every start, so that it never runs out on a server that is looked after.
pub fn local(dir: &Path) -> Result<Tls, String> {
    let (cert_path, key_path) = (dir.join("ca.pem"), dir.join("ca.key"));
    let fail = |e: rcgen::Error| format!("cannot make a certificate: {e}");
    let params = authority().map_err(fail)?;
    let key = if key_path.exists() && cert_path.exists() {
        let pem = fs::read_to_string(&key_path)
            .map_err(|e| format!("cannot read {}: {e}", key_path.display()))?;
        KeyPair::from_pem(&pem).map_err(fail)?
    } else {
        let key = KeyPair::generate().map_err(fail)?;
        let cert = params.self_signed(&key).map_err(fail)?;
        write_private(&key_path, &key.serialize_pem())?;
        write_private(&cert_path, &cert.pem())?;
        key
    };
    let leaf_key = KeyPair::generate().map_err(fail)?;
    let issuer = Issuer::from_params(&params, &key);
    let leaf = leaf()
        .and_then(|leaf| leaf.signed_by(&leaf_key, &issuer))
        .map_err(fail)?;
    let leaf_key = PrivateKeyDer::try_from(leaf_key.serialize_der())
        .map_err(|e| format!("cannot make a certificate: {e}"))?;
    Ok(Tls {
        config: server_config(vec![leaf.der().clone()], leaf_key)?,
        ca: Some(cert_path),
    })
}

/// The same every time but for its key, so that a stored key alone restores the authority.
fn authority() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "timd local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    Ok(params)
}

fn leaf() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(LOCAL_NAMES.map(String::from).to_vec())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "timd on localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let now = OffsetDateTime::now_utc();
    // A day back for clocks that are behind; 800 days is as long as all platforms accept.
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(800);
    Ok(params)
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let fail = |e: rustls::Error| format!("TLS cannot use the certificate: {e}");
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(fail)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(fail)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Resumption costs no memory here: the state travels in one ticket.
    config.ticketer = rustls::crypto::ring::Ticketer::new().map_err(fail)?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// Writes a file that only its owner can read.
pub fn write_private(path: &Path, text: &str) -> Result<(), String> {
    setup::private()
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(|e| format!("cannot write {}: {e}", path.display()))
}
