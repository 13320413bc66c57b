//! Starting, stopping, panics.

use std::time::Instant;

use protocol::codes;
use tim_core::Command;

use super::*;

/// Stops an instance and says how long that took.
fn time_to_stop(instance: &Instance) -> Duration {
    let start = Instant::now();
    instance.stop();
    start.elapsed()
}

#[test]
fn stop_returns_promptly_from_every_stage() {
    let authority = Authority::new();
    let (server, _) = authority.server(&["localhost"], 2100);
    let silent = listen(|stream| {
        std::thread::sleep(LONG);
        drop(stream);
    });
    let no_http = {
        let server = server.clone();
        listen(move |stream| drain(accept_tls(stream, &server)))
    };
    let urls = [
        // Looking up, connecting (or told that nothing is there), TLS, HTTP.
        "wss://stage.invalid".to_owned(),
        "wss://192.0.2.1".to_owned(),
        format!("wss://localhost:{silent}"),
        format!("ws://localhost:{silent}"),
        format!("wss://localhost:{no_http}"),
    ];
    for url in urls {
        for pause in [0, 1, 50] {
            let (ear, heard) = Ear::new();
            let instance = start(config(&url, authority.trust()), ear).unwrap();
            std::thread::sleep(Duration::from_millis(pause));
            instance.submit(ReqId(1), Command::GetTotalUnread);
            let took = time_to_stop(&instance);
            assert!(
                took < Duration::from_secs(1),
                "{url} after {pause} ms: {took:?}"
            );
            let completions = heard
                .try_iter()
                .filter(|told| matches!(told, Told::Complete(..)));
            assert_eq!(completions.count(), 1, "{url}");
        }
    }
}

#[test]
fn stop_from_an_open_connection_says_goodbye() {
    let (closed, saw) = unbounded();
    let port = listen(move |stream| {
        let Some(mut socket) = accept_websocket(stream) else {
            return;
        };
        let error = loop {
            match socket.read() {
                Ok(message) => drop(closed.send(format!("{message:?}"))),
                Err(error) => break error,
            }
        };
        let _ = closed.send(format!("{error:?}"));
    });
    let (ear, heard) = Ear::new();
    let url = format!("ws://localhost:{port}");
    let instance = start(config(&url, TlsSettings::default()), ear).unwrap();
    network_outcome(&heard).unwrap();
    assert!(time_to_stop(&instance) < Duration::from_secs(1));
    let first = saw.recv_timeout(LONG).unwrap();
    assert!(first.contains("Close"), "{first}");
}

#[test]
fn every_call_is_completed_once_also_after_the_end() {
    let (ear, heard) = Ear::new();
    let url = "ws://localhost:9";
    let instance = start(config(url, TlsSettings::default()), ear.clone()).unwrap();
    for number in 1..=1000 {
        instance.submit(ReqId(number), Command::GetTotalUnread);
    }
    instance.network_hint();
    instance.stop();
    instance.stop();
    instance.submit(ReqId(1001), Command::Logout);
    instance.network_hint();
    assert_eq!(
        Arc::strong_count(&ear),
        1,
        "the reactor has let go of the outlet"
    );
    let mut completed: Vec<u64> = Vec::new();
    for told in heard.try_iter() {
        if let Told::Complete(req, result) = told {
            completed.push(req.0);
            if req.0 == 1001 {
                assert_eq!(result.unwrap_err().code, codes::SDK_COMM_INTERRUPT);
            }
        }
    }
    assert_eq!(completed, (1..=1001).collect::<Vec<_>>());
    assert_eq!(instance.stats().commands, 1000);
    assert_eq!(instance.stats().pending, 0);
}

#[test]
fn controls_are_answered_behind_the_calls_before_them_and_at_the_end() {
    let (ear, heard) = Ear::new();
    let url = "ws://localhost:9";
    let instance = start(config(url, TlsSettings::default()), ear).unwrap();
    // More than a turn takes.
    for number in 1..=1000 {
        instance.submit(ReqId(number), Command::GetTotalUnread);
    }
    let done = instance.control(Control::Suspend);
    assert_eq!(done.recv_timeout(LONG), Ok(Ok(())));
    instance.submit(ReqId(1001), Command::GetTotalUnread);
    let (twice, again) = (
        instance.control(Control::Suspend),
        instance.control(Control::Resume),
    );
    assert_eq!(twice.recv_timeout(LONG), Ok(Ok(())));
    assert_eq!(again.recv_timeout(LONG), Ok(Ok(())));
    instance.submit(ReqId(1002), Command::GetTotalUnread);
    // Whether it is reached or not, it is answered.
    let last = instance.control(Control::Suspend);
    instance.stop();
    assert!(last.recv_timeout(LONG) != Err(mpsc::RecvTimeoutError::Timeout));
    assert!(instance.control(Control::Resume).recv().is_err());
    let mut codes_told = Vec::new();
    for told in heard.try_iter() {
        if let Told::Complete(_, result) = told {
            codes_told.push(result.unwrap_err().code);
        }
    }
    assert!(
        codes_told[..1000]
            .iter()
            .all(|code| *code == codes::SDK_NOT_LOGGED_IN)
    );
    assert_eq!(codes_told[1000], codes::SUSPENDED);
    assert!([codes::SDK_NOT_LOGGED_IN, codes::SUSPENDED].contains(&codes_told[1001]));
}

#[test]
fn a_panic_breaks_one_instance_only() {
    let (told, heard) = unbounded();
    let rotten = Arc::new(Ear {
        told,
        is_rotten: true,
    });
    let (sound, sound_heard) = Ear::new();
    let settings = config("ws://localhost:9", TlsSettings::default());
    let sound_instance = start(settings.clone(), sound).unwrap();
    let rotten_instance = start(settings, rotten).unwrap();
    let mut has_logged = false;
    while let Ok(told) = heard.recv_timeout(LONG) {
        match told {
            Told::Log(LogLevel::Error, text) => {
                assert!(text.contains("on purpose"), "{text}");
                has_logged = true;
            }
            Told::LoginState(LoginStatus::LoggedOut) => break,
            _ => {}
        }
    }
    assert!(has_logged);
    let control = rotten_instance.control(Control::Suspend);
    let error = control.recv_timeout(LONG).unwrap().unwrap_err();
    assert_eq!(error.code, codes::INTERNAL);
    rotten_instance.submit(ReqId(1), Command::GetConversations);
    loop {
        match heard.recv_timeout(LONG).expect("a completion") {
            Told::Complete(ReqId(1), result) => {
                assert_eq!(result.unwrap_err().code, codes::INTERNAL);
                break;
            }
            _ => continue,
        }
    }
    sound_instance.submit(ReqId(1), Command::Logout);
    loop {
        match sound_heard.recv_timeout(LONG).expect("a completion") {
            Told::Complete(ReqId(1), result) => {
                assert_eq!(result, Ok(Reply::Empty));
                break;
            }
            _ => continue,
        }
    }
    assert!(time_to_stop(&rotten_instance) < Duration::from_secs(1));
    sound_instance.stop();
}

#[test]
fn instances_come_and_go() {
    for round in 0..100 {
        let (ear, heard) = Ear::new();
        let settings = config("ws://localhost:9", TlsSettings::default());
        let instance = start(settings, ear).unwrap();
        if round % 2 == 0 {
            assert!(network_outcome(&heard).is_err());
        }
        drop(instance);
        assert!(
            heard
                .try_iter()
                .all(|told| !matches!(told, Told::Complete(..)))
        );
    }
}

#[test]
fn many_instances_live_side_by_side() {
    let port = listen(|stream| {
        if let Some(mut socket) = accept_websocket(stream) {
            while socket.read().is_ok() {}
        }
    });
    let instances: Vec<_> = (0..50)
        .map(|_| {
            let (ear, heard) = Ear::new();
            let url = format!("ws://localhost:{port}");
            (
                start(config(&url, TlsSettings::default()), ear).unwrap(),
                heard,
            )
        })
        .collect();
    for (_, heard) in &instances {
        network_outcome(heard).unwrap();
    }
}
