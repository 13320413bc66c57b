//! The issuers of certificates that the system trusts.

use rustls_pki_types::CertificateDer;

/// Those of the store `ROOT`, the user's and the machine's, that may vouch for servers now. An
/// operator or a company may have put some there. Windows fetches well-known ones only when they
/// are first asked for, so that many are missing: they go beside the ones that are built in.
#[cfg(windows)]
pub fn system_roots() -> Vec<CertificateDer<'static>> {
    use schannel::cert_context::{CertContext, ValidUses};
    use schannel::cert_store::CertStore;

    const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
    let vouches = |certificate: &CertContext| {
        let for_servers = match certificate.valid_uses() {
            Ok(ValidUses::All) => true,
            Ok(ValidUses::Oids(uses)) => uses.iter().any(|usage| usage == SERVER_AUTH),
            Err(_) => false,
        };
        for_servers && certificate.is_time_valid().unwrap_or(false)
    };
    let Ok(store) = CertStore::open_current_user("ROOT") else {
        return Vec::new();
    };
    let roots = store.certs().filter(vouches);
    roots
        .map(|root| CertificateDer::from(root.to_der().to_vec()))
        .collect()
}

/// None: the ones that are built in stand for them.
#[cfg(not(windows))]
pub fn system_roots() -> Vec<CertificateDer<'static>> {
    Vec::new()
}
