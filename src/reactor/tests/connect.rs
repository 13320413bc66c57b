//! What becomes of a connection attempt.

use protocol::codes;

use super::*;

fn failure(urls: &str, tls: TlsSettings) -> Error {
    outcome(urls, tls).expect_err("the attempt fails")
}

/// A server that does everything right, over TLS.
fn good_server(config: Arc<ServerConfig>) -> u16 {
    listen(move |stream| {
        if let Some(mut socket) = accept_websocket(accept_tls(stream, &config)) {
            while socket.read().is_ok() {}
        }
    })
}

#[test]
fn tls_with_a_private_authority_connects_by_name_and_by_address() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost", "127.0.0.1"], 2100);
    let port = good_server(server);
    outcome(&format!("wss://localhost:{port}"), authority.trust()).unwrap();
    outcome(&format!("wss://127.0.0.1:{port}"), authority.trust()).unwrap();
}

#[test]
fn plaintext_connects_on_loopback() {
    let port = listen(|stream| {
        if let Some(mut socket) = accept_websocket(stream) {
            while socket.read().is_ok() {}
        }
    });
    outcome(&format!("ws://127.0.0.1:{port}/v1"), TlsSettings::default()).unwrap();
}

/// What is wrong is in the log, with the server that it is about.
fn logged_failure(port: u16, tls: TlsSettings) -> (i32, String) {
    let (ear, heard) = Ear::new();
    let instance = start(config(&format!("wss://localhost:{port}"), tls), ear).unwrap();
    let error = network_outcome(&heard).expect_err("the attempt fails");
    instance.stop();
    let logs = heard.try_iter().filter_map(|told| match told {
        Told::Log(LogLevel::Warn, text) => Some(text),
        _ => None,
    });
    let line = logs.last().expect("a warning");
    assert!(line.contains(&error.code.to_string()), "{error}: {line}");
    assert!(line.contains(&format!("localhost:{port}")), "{line}");
    (error.code, line)
}

#[test]
fn certificates_that_do_not_fit_have_codes_of_their_own() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let good = good_server(authority.server(&["localhost"], 2100).0);
    let elsewhere = good_server(authority.server(&["other.example"], 2100).0);
    let old = good_server(authority.server(&["localhost"], 2001).0);
    let young = good_server(authority.server_of(&["localhost"], 2090, 2100).0);
    for (port, tls, code, word) in [
        (
            elsewhere,
            authority.trust(),
            codes::TLS_HOST_MISMATCH,
            "other.example",
        ),
        (old, authority.trust(), codes::TLS_CERT_EXPIRED, "expired"),
        (
            young,
            authority.trust(),
            codes::TLS_CERT_NOT_YET_VALID,
            "not valid yet",
        ),
        (
            good,
            TlsSettings::default(),
            codes::TLS_UNKNOWN_ISSUER,
            "UnknownIssuer",
        ),
        (good, stranger.trust(), codes::TLS_UNKNOWN_ISSUER, "issuer"),
    ] {
        let (is, line) = logged_failure(port, tls);
        assert_eq!(is, code, "{line}");
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn a_server_with_an_old_tls_has_a_code_of_its_own() {
    // What OpenSSL's TLS 1.1 answers: there is no version in common.
    let alert: &[u8] = &[0x15, 3, 2, 0, 2, 2, 70];
    // The hello of a server that does not look at what it is offered.
    let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend_from_slice(&[7; 32]);
    hello.extend_from_slice(&[0, 0, 0x2f, 0]);
    for answer in [alert.to_vec(), hello] {
        let port = listen(move |mut stream| {
            let mut buf = [0; 1024];
            let _ = stream.read(&mut buf);
            let _ = stream.write_all(&answer);
            drain(stream);
        });
        let (code, line) = logged_failure(port, TlsSettings::default());
        assert_eq!(code, codes::TLS_TOO_OLD, "{line}");
        assert!(line.contains("TLS 1.2 or 1.3"), "{line}");
    }
}

#[test]
fn pins_name_the_server_or_its_authority() {
    let authority = Authority::new();
    let (server, server_pin) = authority.server(&["localhost"], 2100);
    let url = format!("wss://localhost:{}", good_server(server));
    let with = |pins: Vec<[u8; 32]>| TlsSettings {
        pins,
        ..authority.trust()
    };
    outcome(&url, with(vec![[1; 32], server_pin])).unwrap();
    outcome(&url, with(vec![pin(&authority.key)])).unwrap();
    assert_eq!(
        failure(&url, with(vec![[1; 32]])).code,
        codes::TLS_PIN_MISMATCH
    );
}

#[test]
fn a_pinned_certificate_that_signs_nothing_does_not_count() {
    let authority = Authority::new();
    let pinned = Authority::new();
    let names = vec!["localhost".to_owned()];
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&authority.params, &authority.key);
    let leaf = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let beside = pinned.params.self_signed(&pinned.key).unwrap();
    let chain = vec![leaf.der().clone(), beside.der().clone()];
    let url = format!(
        "wss://localhost:{}",
        good_server(server_config(chain, &key))
    );
    let tls = TlsSettings {
        pins: vec![pin(&pinned.key)],
        ..authority.trust()
    };
    assert_eq!(failure(&url, tls).code, codes::TLS_PIN_MISMATCH);
}

#[test]
fn an_intermediate_authority_can_be_pinned() {
    let root = Authority::new();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "in between");
    let between_key = KeyPair::generate().unwrap();
    let root_issuer = Issuer::from_params(&root.params, &root.key);
    let between = params.signed_by(&between_key, &root_issuer).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&params, &between_key);
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let chain = vec![leaf.der().clone(), between.der().clone()];
    let url = format!(
        "wss://localhost:{}",
        good_server(server_config(chain, &key))
    );
    let tls = TlsSettings {
        pins: vec![pin(&between_key)],
        ..root.trust()
    };
    outcome(&url, tls).unwrap();
}

#[test]
fn a_plaintext_server_is_named_when_tls_is_expected() {
    let port = listen(|mut stream| {
        let mut buf = [0; 1024];
        let _ = stream.read(&mut buf);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        drain(stream);
    });
    let (code, line) = logged_failure(port, TlsSettings::default());
    assert_eq!(code, codes::TLS_NOT_TLS);
    assert!(line.contains("plaintext"), "{line}");
}

#[test]
fn other_servers_are_no_tim_servers() {
    let answers: [(&[u8], i32); 6] = [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            codes::NOT_A_TIM_SERVER,
        ),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", codes::NOT_A_TIM_SERVER),
        (b"SSH-2.0-OpenSSH_9.2\r\n", codes::NOT_A_TIM_SERVER),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            codes::NOT_A_TIM_SERVER,
        ),
        (
            b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n",
            codes::SERVER_BUSY,
        ),
        (b"", codes::SDK_NET_DISCONNECT),
    ];
    for (answer, code) in answers {
        let port = listen(move |mut stream| {
            let mut buf = [0; 1024];
            let _ = stream.read(&mut buf);
            let _ = stream.write_all(answer);
        });
        let error = failure(&format!("ws://localhost:{port}"), TlsSettings::default());
        assert_eq!(
            error.code,
            code,
            "{:?}: {error}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[test]
fn a_websocket_without_our_subprotocol_is_no_tim_server() {
    let port = listen(|stream| {
        if let Ok(mut socket) = tungstenite::accept(stream) {
            while socket.read().is_ok() {}
        }
    });
    let error = failure(&format!("ws://localhost:{port}"), TlsSettings::default());
    assert_eq!(error.code, codes::NOT_A_TIM_SERVER);
    assert!(error.desc.contains("tim.v1"), "{error}");
}

#[test]
fn a_head_without_an_end_is_given_up() {
    let port = listen(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream
            .write_all(b"X-Filler: 0123456789012345678901234567890123456789\r\n")
            .is_ok()
        {}
    });
    let error = failure(&format!("ws://localhost:{port}"), TlsSettings::default());
    assert_eq!(error.code, codes::NOT_A_TIM_SERVER);
}

#[test]
fn nobody_listening_is_refused() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    for url in [
        format!("wss://localhost:{port}"),
        format!("wss://127.0.0.1:{port}"),
    ] {
        let error = failure(&url, TlsSettings::default());
        assert_eq!(error.code, codes::SDK_NET_CONN_REFUSE, "{error}");
    }
}

#[test]
fn no_server_url_is_told() {
    let (ear, heard) = Ear::new();
    let mut settings = config("wss://localhost:1", TlsSettings::default());
    settings.urls.clear();
    let instance = start(settings, ear).unwrap();
    assert_eq!(network_outcome(&heard).unwrap_err().code, codes::NO_SERVER);
    instance.stop();
}

#[test]
fn names_without_an_address_are_told() {
    let error = failure("wss://no-such-host.invalid", TlsSettings::default());
    assert_eq!(
        error.code,
        codes::SDK_NET_HOST_GETADDRINFO_FAILED,
        "{error}"
    );
}

#[test]
fn a_server_that_hangs_up_in_the_handshake_is_told() {
    let port = listen(drop);
    let error = failure(&format!("wss://localhost:{port}"), TlsSettings::default());
    let codes = [codes::SDK_NET_DISCONNECT, codes::SDK_NET_RESET_BY_PEER];
    assert!(codes.contains(&error.code), "{error}");
}

/// Passes bytes on one at a time.
struct Trickle(TcpStream);

impl Read for Trickle {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let end = buf.len().min(1);
        self.0.read(&mut buf[..end])
    }
}

impl Write for Trickle {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0.write(&buf[..buf.len().min(1)])
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn a_handshake_byte_by_byte_works_with_and_without_tls() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let port = listen(move |stream| {
        stream.set_nodelay(true).unwrap();
        let session = ServerConnection::new(server.clone()).unwrap();
        if let Some(mut socket) = accept_websocket(StreamOwned::new(session, Trickle(stream))) {
            while socket.read().is_ok() {}
        }
    });
    outcome(&format!("wss://localhost:{port}"), authority.trust()).unwrap();

    let port = listen(|stream| {
        stream.set_nodelay(true).unwrap();
        let mut request = [0; 4096];
        let count = (&stream).read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..count]).into_owned();
        let key = request
            .split("Sec-WebSocket-Key: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: tim.v1\r\n\r\n"
        );
        Trickle(stream.try_clone().unwrap())
            .write_all(answer.as_bytes())
            .unwrap();
        drain(stream);
    });
    outcome(&format!("ws://localhost:{port}"), TlsSettings::default()).unwrap();
}

#[test]
fn unusable_settings_are_refused_at_start() {
    let (ear, _heard) = Ear::new();
    let refused = |settings: InstanceConfig| match start(settings, ear.clone()) {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    };
    let mut settings = config("wss://localhost:1", TlsSettings::default());
    settings.tls.ca_file = Some("/nowhere/ca.pem".into());
    let error = refused(settings.clone());
    assert_eq!(error.code, codes::IO_OPERATION_FAILED);
    assert!(error.desc.contains("/nowhere/ca.pem"), "{error}");

    let plain = std::env::temp_dir().join(format!("tim-not-pem-{}", std::process::id()));
    std::fs::write(&plain, "not PEM").unwrap();
    settings.tls.ca_file = Some(plain.clone());
    assert!(refused(settings.clone()).desc.contains("no certificate"));

    settings.tls.ca_file = None;
    settings.storage = Storage::Disk(plain.clone());
    assert_eq!(refused(settings).code, codes::IO_OPERATION_FAILED);
    std::fs::remove_file(plain).unwrap();
}

#[test]
fn addresses_of_ipv6_come_first_when_they_are_preferred() {
    let serve = |listener: TcpListener| {
        let (tell, came) = unbounded();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = tell.send(());
                if let Some(mut socket) = accept_websocket(stream) {
                    while socket.read().is_ok() {}
                }
            }
        });
        came
    };
    let Ok(_) = TcpListener::bind("[::1]:0") else {
        println!("skipped: this machine has no IPv6");
        return;
    };
    // One port of both families; others take ports at the same time.
    let (six, four, port) = loop {
        let six = TcpListener::bind("[::1]:0").unwrap();
        let port = six.local_addr().unwrap().port();
        if let Ok(four) = TcpListener::bind(("127.0.0.1", port)) {
            break (six, four, port);
        }
    };
    let (six, four) = (serve(six), serve(four));
    for (prefers_ipv6, wanted, other) in [(true, &six, &four), (false, &four, &six)] {
        let (ear, heard) = Ear::new();
        let mut settings = config(&format!("ws://localhost:{port}"), TlsSettings::default());
        settings.route.prefers_ipv6 = prefers_ipv6;
        let instance = start(settings, ear).unwrap();
        network_outcome(&heard).unwrap();
        instance.stop();
        wanted.try_recv().unwrap();
        assert!(other.try_recv().is_err());
    }
}
