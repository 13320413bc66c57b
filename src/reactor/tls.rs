//! TLS settings: whom to trust.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use protocol::{Error, codes};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use sha2::{Digest, Sha256};

use crate::sys;

/// Servers whose sessions are remembered for resumption.
const REMEMBERED_SERVERS: usize = 32;

/// What the operator's configuration says about TLS.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// PEM file with certificates that are trusted besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the SubjectPublicKeyInfo of keys one of which must be in the server's verified
    /// chain. Empty: any trusted chain will do.
    pub pins: Vec<[u8; 32]>,
}

/// The settings with the CA file read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trust {
    extra_roots: Vec<CertificateDer<'static>>,
    pins: Vec<[u8; 32]>,
}

impl Trust {
    /// Reads the CA file, if there is one.
    pub(super) fn read(settings: &TlsSettings) -> Result<Self, Error> {
        let extra_roots = match &settings.ca_file {
            Some(path) => read_ca_file(path)?,
            None => Vec::new(),
        };
        Ok(Self {
            extra_roots,
            pins: settings.pins.clone(),
        })
    }

    fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        // One that rustls does not understand does not make the others worse.
        roots.add_parsable_certificates(sys::system_roots());
        for root in &self.extra_roots {
            roots.add(root.clone())?;
        }
        let pinned_roots: Vec<TrustAnchor<'static>> = roots
            .roots
            .iter()
            .filter(|root| self.pins.contains(&anchor_pin(root)))
            .cloned()
            .collect();
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|e| rustls::Error::General(e.to_string()))?;
        let verifier = PinVerifier {
            webpki,
            provider: provider.clone(),
            pins: self.pins.clone(),
            pinned_roots,
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.resumption = Resumption::in_memory_sessions(REMEMBERED_SERVERS);
        Ok(config)
    }
}

/// One [`ClientConfig`] for all instances with the same settings: a process with many instances
/// holds the roots once, and a reconnect resumes the TLS session.
#[derive(Default)]
pub(super) struct ClientConfigs {
    made: Vec<(Trust, Weak<ClientConfig>)>,
}

impl ClientConfigs {
    pub(super) fn get(&mut self, trust: &Trust) -> Result<Arc<ClientConfig>, Error> {
        self.made.retain(|(_, config)| config.strong_count() > 0);
        let known = self.made.iter().find(|(known, _)| known == trust);
        if let Some(config) = known.and_then(|(_, config)| config.upgrade()) {
            return Ok(config);
        }
        let config = trust
            .client_config()
            .map_err(|e| Error::new(codes::TLS_FAILED, format!("TLS cannot be set up: {e}")))?;
        let config = Arc::new(config);
        self.made.push((trust.clone(), Arc::downgrade(&config)));
        Ok(config)
    }
}

fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bad = |what: String| {
        let path = path.display();
        Error::new(
            codes::IO_OPERATION_FAILED,
            format!("the CA file {path} cannot be used: {what}"),
        )
    };
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|e| bad(e.to_string()))?;
    if certificates.is_empty() {
        return Err(bad("it holds no certificate in PEM form".into()));
    }
    let mut probe = RootCertStore::empty();
    for certificate in &certificates {
        probe
            .add(certificate.clone())
            .map_err(|e| bad(e.to_string()))?;
    }
    Ok(certificates)
}

/// None of the pinned keys is in the server's chain.
#[derive(Debug)]
pub(super) struct PinMismatch;

impl fmt::Display for PinMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("none of the pinned keys is in the server's chain")
    }
}

impl std::error::Error for PinMismatch {}

/// The usual checks, and then the pins.
#[derive(Debug)]
struct PinVerifier {
    webpki: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
    pins: Vec<[u8; 32]>,
    /// The trusted roots whose key is pinned.
    pinned_roots: Vec<TrustAnchor<'static>>,
}

impl PinVerifier {
    /// The server's own key is pinned, or its certificate is signed, link by link, by one whose
    /// key is. A pinned certificate that merely lies in the server's message proves nothing:
    /// anybody can put it there. So the chain is verified once more with the pinned ones as roots.
    fn check_pins(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let leaf = ParsedCertificate::try_from(end_entity)?;
        if self.is_pinned(&leaf) {
            return Ok(());
        }
        let mut roots = RootCertStore {
            roots: self.pinned_roots.clone(),
        };
        for certificate in intermediates {
            let is_pinned =
                ParsedCertificate::try_from(certificate).is_ok_and(|c| self.is_pinned(&c));
            if is_pinned {
                roots.add(certificate.clone().into_owned())?;
            }
        }
        let algorithms = self.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&leaf, &roots, intermediates, now, algorithms)
            .map_err(|_| CertificateError::Other(OtherError(Arc::new(PinMismatch))).into())
    }

    fn is_pinned(&self, certificate: &ParsedCertificate<'_>) -> bool {
        let pin: [u8; 32] = Sha256::digest(certificate.subject_public_key_info()).into();
        self.pins.contains(&pin)
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        if !self.pins.is_empty() {
            self.check_pins(end_entity, intermediates, now)?;
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// The pin of a trust anchor, which keeps its key without the SEQUENCE header around it.
fn anchor_pin(anchor: &TrustAnchor<'_>) -> [u8; 32] {
    const SEQUENCE: u8 = 0x30;
    let body = anchor.subject_public_key_info.as_ref();
    let mut header = vec![SEQUENCE];
    if body.len() < 0x80 {
        header.push(body.len() as u8);
    } else {
        let length = body.len().to_be_bytes();
        let skipped = length.iter().take_while(|b| **b == 0).count();
        header.push(0x80 | (length.len() - skipped) as u8);
        header.extend_from_slice(&length[skipped..]);
    }
    Sha256::new()
        .chain_update(header)
        .chain_update(body)
        .finalize()
        .into()
}
