//! What clients are shown, and what they have to trust.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::{Level, Report};
use crate::config::Config;
use crate::{setup, tls};

/// So many days before its end a certificate is warned of.
const SOON_DAYS: i64 = 30;
const DAY_S: i64 = 86_400;

/// Gives the operator's own certificate, to be compared with what a server shows.
pub fn look(report: &mut Report, config: &Config) -> Option<Vec<u8>> {
    if let Some(ca) = &config.bus_ca {
        authorities(report, ca);
    }
    match (&config.tls_cert, &config.tls_key) {
        _ if config.plaintext => {
            report.ok("certificate", "none: plaintext");
            None
        }
        (Some(cert), Some(key)) => operators(report, config, cert, key),
        _ => {
            own(report, config);
            None
        }
    }
}

fn operators(report: &mut Report, config: &Config, cert: &Path, key: &Path) -> Option<Vec<u8>> {
    let name = "certificate";
    let todo = "tls_cert names a PEM file with the whole chain, its own certificate first; tls_key \
                its private key; the user that runs timd has to be able to read both";
    if let Err(error) = tls::from_files(cert, key) {
        report.fail(
            name,
            format!("{error} ({}, {})", cert.display(), key.display()),
            todo,
        );
    }
    let chain = match read(cert) {
        Ok(chain) => chain,
        Err(error) => {
            report.fail(name, format!("{}: {error}", cert.display()), todo);
            return None;
        }
    };
    let parsed: Result<Vec<_>, _> = chain.iter().map(|der| parse(der)).collect();
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            report.fail(name, format!("{}: {error}", cert.display()), todo);
            return None;
        }
    };
    let leaf = parsed.first()?;
    let (names, addresses) = names(leaf);
    let shown: Vec<String> = names
        .iter()
        .cloned()
        .chain(addresses.iter().map(IpAddr::to_string))
        .collect();
    let saw = format!("for {}, chain of {}", shown.join(", "), parsed.len());
    let listen = config.listen.ip();
    let is_specific = !listen.is_unspecified() && !listen.is_loopback();
    if shown.is_empty() {
        report.fail(
            name,
            "it has no names (subjectAltName), so no client accepts it",
            "get one with the name that clients connect to",
        );
    } else if names.is_empty() && is_specific && !addresses.contains(&listen) {
        report.warn(
            name,
            format!("{saw}; timd listens on {listen}"),
            "get one for the name or the address that clients connect to",
        );
    } else {
        report.ok(name, saw);
    }
    let is_chain = parsed
        .windows(2)
        .all(|pair| pair[0].issuer().as_raw() == pair[1].subject().as_raw());
    if !is_chain {
        report.fail(
            "certificate.chain",
            format!("{} is out of order, or has others in it", cert.display()),
            "each certificate is followed by that of its issuer; the authority of all may be left \
             out",
        );
    }
    for cert in &parsed {
        expiry(report, cert, "renew it, then restart timd");
    }
    Some(chain.into_iter().next()?.to_vec())
}

/// The authority that timd makes.
fn own(report: &mut Report, config: &Config) {
    let (cert, key) = (config.data.join("ca.pem"), config.data.join("ca.key"));
    let name = "certificate";
    match (cert.exists(), key.exists()) {
        (false, false) => report.ok(name, "timd's own: the first start makes its authority"),
        (true, true) => match fits(&cert, &key) {
            Ok(true) => report.ok(name, format!("timd's own, by the authority {}", cert.display())),
            Ok(false) => report.fail(
                name,
                format!("{} and {} do not belong together", cert.display(), key.display()),
                "restore both from a backup; or remove both, restart timd, and give clients the new \
                 ca.pem",
            ),
            Err(error) => report.fail(
                name,
                error,
                "restore ca.pem and ca.key from a backup, readable for the user that runs timd",
            ),
        },
        (has_cert, _) => report.warn(
            name,
            format!("{} is missing", if has_cert { key.display() } else { cert.display() }),
            "restore it from a backup: without it the next start makes a new authority, which \
             clients do not trust until they get its ca.pem",
        ),
    }
    if !config.listen.ip().is_loopback() {
        report.warn(
            name,
            format!(
                "timd's own is for localhost, 127.0.0.1 and ::1; it listens on {}",
                config.listen
            ),
            "set tls_cert and tls_key: clients on other machines refuse this one",
        );
    }
}

fn fits(cert: &Path, key: &Path) -> Result<bool, String> {
    let chain = read(cert).map_err(|e| format!("{}: {e}", cert.display()))?;
    let first = chain
        .first()
        .ok_or_else(|| format!("{} is empty", cert.display()))?;
    let parsed = parse(first).map_err(|e| format!("{}: {e}", cert.display()))?;
    let say = |e: &dyn std::fmt::Display| format!("{}: {e}", key.display());
    let pem = fs::read_to_string(key).map_err(|e| say(&e))?;
    let pair = KeyPair::from_pem(&pem).map_err(|e| say(&e))?;
    Ok(parsed.public_key().raw == pair.subject_public_key_info())
}

fn authorities(report: &mut Report, file: &Path) {
    let name = "bus_ca";
    let todo = "name a PEM file of the authorities that vouch for the NATS servers";
    let chain = match read(file) {
        Ok(chain) if !chain.is_empty() => chain,
        Ok(_) => {
            let saw = format!("{} has no certificate in it", file.display());
            return report.fail(name, saw, todo);
        }
        Err(error) => return report.fail(name, format!("{}: {error}", file.display()), todo),
    };
    for der in &chain {
        match parse(der) {
            Ok(cert) => expiry(
                report,
                &cert,
                "get its successor, and put both into the file",
            ),
            Err(error) => report.fail(name, format!("{}: {error}", file.display()), todo),
        }
    }
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, rustls_pki_types::pem::Error> {
    CertificateDer::pem_file_iter(file).and_then(Iterator::collect)
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    let parsed = X509Certificate::from_der(der);
    parsed
        .map(|(_, cert)| cert)
        .map_err(|_| "not a certificate".into())
}

fn names(cert: &X509Certificate<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    let found = cert.subject_alternative_name().ok().flatten();
    for name in found.iter().flat_map(|found| &found.value.general_names) {
        match name {
            GeneralName::DNSName(name) => names.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
            _ => {}
        }
    }
    (names, addresses)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

fn expiry(report: &mut Report, cert: &X509Certificate<'_>, todo: &str) {
    let now = setup::now_s().cast_signed();
    let validity = cert.validity();
    let days = (validity.not_after.timestamp() - now).div_euclid(DAY_S);
    let subject = cert.subject();
    let (level, saw) = match days {
        _ if validity.not_before.timestamp() > now => {
            let from = validity.not_before;
            (
                Level::Fail,
                format!("{subject} is valid only from {from} on"),
            )
        }
        ..0 => (
            Level::Fail,
            format!("{subject} has expired {} days ago", -days),
        ),
        0..SOON_DAYS => (Level::Warn, format!("{subject} expires in {days} days")),
        _ => (
            Level::Ok,
            format!("{subject} is valid for {days} days more"),
        ),
    };
    let todo = (level != Level::Ok).then(|| todo.to_owned());
    report.add(level, "certificate.expiry", saw, todo);
}
