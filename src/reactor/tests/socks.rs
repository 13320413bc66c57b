//! Connections through a SOCKS5 proxy: the proxies are threads of the tests.

use std::io::ErrorKind;
use std::net::Shutdown;

use protocol::codes;

use self::proxy::{Manner, Proxy};
use super::*;

#[path = "../../../tests/socks/mod.rs"]
mod proxy;

fn through(port: u16, login: Option<(&str, &str)>) -> Route {
    let login = login.map(|(name, password)| (name.to_owned(), password.to_owned()));
    Route {
        proxy: Some(Socks5 {
            host: "127.0.0.1".into(),
            port,
            login,
        }),
        prefers_ipv6: false,
    }
}

/// Starts an instance; what becomes of its first connection, and the lines of its log.
fn attempt(urls: &str, tls: TlsSettings, route: Route) -> (Result<(), Error>, Vec<String>) {
    let (ear, heard) = Ear::new();
    let mut settings = config(urls, tls);
    settings.route = route;
    settings.core.connect_timeout = Duration::from_secs(10);
    let instance = start(settings, ear).unwrap();
    let mut logs = Vec::new();
    let outcome = loop {
        match heard.recv_timeout(LONG).expect("an outcome") {
            Told::Notify(Event::Network(NetworkStatus::Connected)) => break Ok(()),
            Told::Notify(Event::Network(NetworkStatus::ConnectFailed(error))) => break Err(error),
            Told::Log(_, text) => logs.push(text),
            _ => {}
        }
    };
    instance.stop();
    logs.extend(heard.try_iter().filter_map(|told| match told {
        Told::Log(_, text) => Some(text),
        _ => None,
    }));
    (outcome, logs)
}

fn failure(url: &str, route: Route) -> (Error, Vec<String>) {
    let (outcome, logs) = attempt(url, TlsSettings::default(), route);
    let error = outcome.expect_err("the attempt fails");
    let told = logs
        .iter()
        .any(|line| line.contains(&error.desc.to_string()));
    assert!(told, "{error}: {logs:?}");
    (error, logs)
}

/// A server over TLS whose certificate is for these names.
fn server(authority: &Authority, names: &[&str]) -> u16 {
    let (server, _) = authority.server(names, 2100);
    listen(move |stream| {
        if let Some(mut socket) = accept_websocket(accept_tls(stream, &server)) {
            while socket.read().is_ok() {}
        }
    })
}

const NOWHERE: &str = "wss://no-such-host.invalid";

#[test]
fn the_proxy_looks_up_the_name_and_the_certificate_is_checked() {
    let authority = Authority::new();
    let port = server(&authority, &["no-such-host.invalid"]);
    for bound in [4, 16, 0, 255] {
        let proxy = Proxy::start(Manner {
            bound,
            ..Manner::default()
        });
        let url = format!("{NOWHERE}:{port}");
        let (outcome, _) = attempt(&url, authority.trust(), through(proxy.port(), None));
        outcome.unwrap();
        assert_eq!(proxy.asked(), "no-such-host.invalid");
    }
    let proxy = Proxy::start(Manner::default());
    let url = format!("wss://other.invalid:{port}");
    let (outcome, _) = attempt(&url, authority.trust(), through(proxy.port(), None));
    assert_eq!(outcome.unwrap_err().code, codes::TLS_HOST_MISMATCH);
}

#[test]
fn addresses_go_to_the_proxy_as_addresses() {
    let authority = Authority::new();
    let port = server(&authority, &["127.0.0.1", "::1"]);
    for (host, asked_for) in [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")] {
        let proxy = Proxy::start(Manner::default());
        let url = format!("wss://{host}:{port}");
        let (outcome, _) = attempt(&url, authority.trust(), through(proxy.port(), None));
        outcome.unwrap();
        assert_eq!(proxy.asked(), asked_for);
    }
}

#[test]
fn name_and_password_are_given_and_never_logged() {
    let manner = Manner {
        login: Some(("the user", "open sesame")),
        ..Manner::default()
    };
    let authority = Authority::new();
    let port = server(&authority, &["localhost"]);
    let proxy = Proxy::start(manner);
    let url = format!("wss://localhost:{port}");
    let right = through(proxy.port(), Some(("the user", "open sesame")));
    assert!(!format!("{right:?}").contains("sesame"));
    let (outcome, logs) = attempt(&url, authority.trust(), right);
    outcome.unwrap();
    for login in [
        Some(("the user", "shut sesame")),
        Some(("another", "open sesame")),
        Some(("the user", "")),
        None,
    ] {
        let (error, more) = failure(&url, through(proxy.port(), login));
        assert_eq!(error.code, codes::PROXY_LOGIN, "{error}");
        for line in logs.iter().chain(&more) {
            assert!(!line.contains("sesame"), "{line}");
        }
    }
}

#[test]
fn a_login_that_is_not_wanted_is_not_given() {
    let proxy = Proxy::start(Manner::default());
    let authority = Authority::new();
    let port = server(&authority, &["localhost"]);
    let url = format!("wss://localhost:{port}");
    let route = through(proxy.port(), Some(("u", "p")));
    attempt(&url, authority.trust(), route).0.unwrap();
    assert_eq!(proxy.asked(), "localhost");
}

#[test]
fn what_a_proxy_says_of_the_server_has_the_servers_codes() {
    for (reply, code) in [
        (1, codes::PROXY_FAILED),
        (2, codes::PROXY_FAILED),
        (3, codes::SDK_NET_NET_UNREACH),
        (4, codes::SDK_NET_NET_UNREACH),
        (5, codes::SDK_NET_CONN_REFUSE),
        (6, codes::SDK_NET_CONN_TIMEOUT),
        (7, codes::PROXY_FAILED),
        (99, codes::PROXY_FAILED),
    ] {
        let proxy = Proxy::start(Manner {
            refuses: Some(reply),
            ..Manner::default()
        });
        let (error, _) = failure(NOWHERE, through(proxy.port(), None));
        assert_eq!(error.code, code, "{reply}: {error}");
    }
}

#[test]
fn a_proxy_that_is_not_there_or_none_is_told() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let (error, _) = failure(NOWHERE, through(port, None));
    assert_eq!(error.code, codes::PROXY_UNREACHABLE, "{error}");

    let mut route = through(port, None);
    if let Some(proxy) = &mut route.proxy {
        proxy.host = "no-such-proxy.invalid".into();
    }
    let (error, _) = failure(NOWHERE, route);
    assert_eq!(error.code, codes::PROXY_UNREACHABLE, "{error}");
    assert!(error.desc.contains("no-such-proxy.invalid"), "{error}");

    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\x05\x01",
        b"\x04\x00",
        b"\x05",
        b"",
    ] {
        let port = listen(move |mut stream| {
            let mut words = [0; 64];
            if stream.read(&mut words).is_ok() {
                let _ = stream.write_all(answer);
                let _ = stream.shutdown(Shutdown::Write);
                drain(stream);
            }
        });
        let (error, _) = failure(NOWHERE, through(port, None));
        assert_eq!(error.code, codes::PROXY_FAILED, "{answer:?}: {error}");
    }
}

/// A login is accepted in its own protocol's words, or not.
#[test]
fn an_answer_of_another_version_accepts_no_login() {
    let port = listen(|mut stream| {
        let mut words = [0; 64];
        if stream.read(&mut words).is_ok() {
            let _ = stream.write_all(b"\x05\x02\x05\x00");
            let _ = stream.shutdown(Shutdown::Write);
            drain(stream);
        }
    });
    let (error, _) = failure(NOWHERE, through(port, Some(("u", "p"))));
    assert_eq!(error.code, codes::PROXY_LOGIN, "{error}");
}

#[test]
fn a_mute_proxy_costs_the_time_of_an_attempt_and_is_named() {
    let (gone, client_is_gone) = unbounded();
    let port = listen(move |mut stream| {
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).map_err(|e| e.kind());
        assert!(
            end.is_ok() || end == Err(ErrorKind::ConnectionReset),
            "{end:?}"
        );
        gone.send(bytes).unwrap();
    });
    let (ear, heard) = Ear::new();
    let mut settings = config(NOWHERE, TlsSettings::default());
    settings.route = through(port, Some(("u", "sesame")));
    settings.core.connect_timeout = Duration::from_millis(300);
    let instance = start(settings, ear).unwrap();
    let mut logs = Vec::new();
    let error = loop {
        match heard.recv_timeout(LONG).expect("an outcome") {
            Told::Notify(Event::Network(NetworkStatus::ConnectFailed(error))) => break error,
            Told::Log(_, text) => logs.push(text),
            _ => {}
        }
    };
    assert_eq!(error.code, codes::SDK_NET_CONN_TIMEOUT);
    // It was asked how it wants to be greeted, and got no password.
    assert_eq!(client_is_gone.recv_timeout(LONG).unwrap(), [5, 2, 0, 2]);
    instance.stop();
    logs.extend(heard.try_iter().filter_map(|told| match told {
        Told::Log(_, text) => Some(text),
        _ => None,
    }));
    let named = format!("waiting for the proxy 127.0.0.1:{port}");
    assert!(logs.iter().any(|line| line.contains(&named)), "{logs:?}");
}
