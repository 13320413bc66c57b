//! The operator's certificates, and timd's own.

use super::*;

pub(super) struct Authority {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) cert: String,
}

fn params(name: &str, names: &[&str], from_days: i64, to_days: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    params.not_before = now + time::Duration::days(from_days);
    // Whole days are told.
    params.not_after = now + time::Duration::days(to_days) + time::Duration::HOUR;
    params
}

pub(super) fn authority(name: &str, from_days: i64, to_days: i64) -> Authority {
    let mut params = params(name, &[], from_days, to_days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap().pem();
    Authority {
        issuer: Issuer::new(params, key),
        cert,
    }
}

/// Certificate and key.
pub(super) fn leaf(
    ca: &Authority,
    names: &[&str],
    from_days: i64,
    to_days: i64,
) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = params("chat", names, from_days, to_days);
    let cert = params.signed_by(&key, &ca.issuer).unwrap();
    (cert.pem(), key.serialize_pem())
}

#[test]
fn certificates() {
    let (dir, data) = dir();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let settings = [
        ("tls_cert", cert.to_str().unwrap()),
        ("tls_key", key.to_str().unwrap()),
    ];
    let place = |(c, k): &(String, String)| {
        fs::write(&cert, c).unwrap();
        fs::write(&key, k).unwrap();
    };
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");
    let ca = authority("root", -1, 4000);
    let good = leaf(&ca, &["chat.example", "192.0.2.7"], -1, 90);
    place(&(format!("{}{}", good.0, ca.cert), good.1.clone()));
    let seen = doctor(&data, &settings);
    seen.has(
        "ok",
        "certificate",
        "for chat.example, 192.0.2.7, chain of 2",
    );
    seen.has("ok", "certificate.expiry", "90 days");
    assert_eq!(seen.worst(), Vec::<&Value>::new());
    let own_only = |names: &[&str], from, to| place(&leaf(&ca, names, from, to));
    own_only(&["chat.example"], -90, 20);
    doctor(&data, &settings).has("warn", "certificate.expiry", "expires in 20 days");
    own_only(&["chat.example"], -90, -5);
    doctor(&data, &settings).has("fail", "certificate.expiry", "expired");
    own_only(&["chat.example"], 2, 90);
    doctor(&data, &settings).has("fail", "certificate.expiry", "only from");
    own_only(&[], -1, 90);
    doctor(&data, &settings).has("fail", "certificate", "no names");
    own_only(&["192.0.2.7"], -1, 90);
    let elsewhere = [settings[0], settings[1], ("listen", "192.0.2.8:8443")];
    let seen = doctor(&data, &elsewhere);
    seen.has("warn", "certificate", "listens on 192.0.2.8");
    seen.has("fail", "port", "no address 192.0.2.8");
    // The key of another one; a chain in the wrong order; no certificate at all.
    place(&(good.0.clone(), leaf(&ca, &["x"], -1, 90).1));
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");
    let stranger = authority("stranger", -1, 4000);
    place(&(format!("{}{}", good.0, stranger.cert), good.1.clone()));
    doctor(&data, &settings).has("fail", "certificate.chain", "out of order");
    place(&("nothing".into(), good.1.clone()));
    doctor(&data, &settings).has("fail", "certificate", "cert.pem");

    // Renewed, and the server has not been told.
    place(&good);
    let server = serve(&data, |config| {
        config.tls_cert = Some(cert.clone());
        config.tls_key = Some(key.clone());
    });
    let listen = server.addr().to_string();
    let settings = [settings[0], settings[1], ("listen", &*listen)];
    doctor(&data, &settings).has("ok", "certificate.shown", "90 days");
    own_only(&["chat.example"], -1, 365);
    doctor(&data, &settings).has("warn", "certificate.shown", "another certificate");
}

#[test]
fn timds_own_authority() {
    let (_dir, data) = dir();
    drop(serve(&data, |_| {}));
    doctor(&data, &[]).has("ok", "certificate", "ca.pem");
    let seen = doctor(&data, &[("listen", "0.0.0.0:0")]);
    seen.has("warn", "certificate", "listens on 0.0.0.0");
    let other = authority("other", -1, 4000);
    fs::write(data.join("ca.pem"), &other.cert).unwrap();
    doctor(&data, &[]).has("fail", "certificate", "do not belong together");
    fs::write(data.join("ca.pem"), "").unwrap();
    doctor(&data, &[]).has("fail", "certificate", "ca.pem");
    fs::remove_file(data.join("ca.pem")).unwrap();
    doctor(&data, &[]).has("warn", "certificate", "ca.pem is missing");
    assert!(!data.join("ca.pem").exists());
}
