//! What is read from the local database, however much lies there.

use std::path::Path;
use std::time::Instant;

use protocol::conversation::ConvId;
use protocol::conversation::list::ConvFilter;
use protocol::message::{
    Content, Elem, GetMsgListParam, LocalCustom, MessageSearchParam, Origin, TextElem,
};
use tim::sdk::Client;
use tim_core::command::KeptMessage;
use tim_core::{Command as Call, Reply};

use crate::report::{Goal, Report};
use crate::setup::{Server, TempDir, call};

const MESSAGES: usize = 1_000_000;
const FEW_MESSAGES: usize = 10_000;
const CONVERSATIONS: usize = 10_000;
const FEW_CONVERSATIONS: usize = 100;
/// Messages that one call imports.
const A_CALL: usize = 1_000;
/// Times that a call is measured; the median counts.
const TIMES: usize = 50;

/// The first page of the list of conversations.
pub fn conversations(report: &mut Report) {
    if !report.wants("conversations") {
        return;
    }
    let server = Server::start(&[]);
    let dirs = [TempDir::new("few"), TempDir::new("many")];
    let listed = |user: &str, dir: &TempDir, count: usize| {
        let client = server.logged_in(user, Some(dir.path()));
        for n in 0..count {
            keep(&client, &format!("user{n}"), vec![message(n, "hello")]);
        }
        // Without what is remembered from writing them.
        call(&client, Call::Logout).expect("a logout");
        drop(client);
        server.logged_in(user, Some(dir.path()))
    };
    let clients = [
        listed("alice", &dirs[0], FEW_CONVERSATIONS),
        listed("bob", &dirs[1], CONVERSATIONS),
    ];
    let [few, many] = medians_ms(&clients, || Call::GetConversationPage {
        filter: ConvFilter::default(),
        next_seq: 0,
        count: 50,
    });
    add_page(report, "conversations: first 50 of 10,000", many, few, 10.0);
}

/// Pages of history, and searches.
pub fn messages(report: &mut Report) {
    if !report.wants("local history") && !report.wants("search") {
        return;
    }
    let server = Server::start(&[]);
    let dirs = [TempDir::new("few"), TempDir::new("many")];
    let few = filled(&server, "alice", dirs[0].path(), FEW_MESSAGES);
    let start = Instant::now();
    let client = filled(&server, "bob", dirs[1].path(), MESSAGES);
    let kept = start.elapsed();
    // It waits until all of them are indexed.
    search(&client, &["rare"]);
    let indexed = start.elapsed();
    search(&few, &["rare"]);
    let clients = [few, client];
    let [few, many] = medians_ms(&clients, page);
    let [_, client] = &clients;
    let name = "local history: 20 of 1,000,000 messages";
    add_page(report, name, many, few, 3.0);
    for (name, time) in [("kept", kept), ("kept and indexed", indexed)] {
        let each = time.as_secs_f64() * 1e6 / MESSAGES as f64;
        let name = format!("search: a message is {name}");
        report.add(&name, "us", each, None, Goal::None);
    }
    let (must, aim) = (100.0, 20.0);
    let goal = Goal::AtMost { must, aim };
    for (name, word, hits, goal) in [
        ("a word in 100 of 1,000,000 messages", "rare", 100, goal),
        ("a word in 10,000", "usual", 10_000, goal),
        ("two Chinese characters in 10,000", "天气", 10_000, goal),
        ("one Chinese character in 10,000", "气", 10_000, goal),
        ("a word in 100,000", "frequent", 100_000, Goal::None),
        ("a word in all of them", "every", MESSAGES, Goal::None),
    ] {
        assert_eq!(search(client, &[word]), hits, "{word}");
        let times = if hits > 10_000 { 5 } else { TIMES };
        let ms = median_of(times, client, || wanted(&[word]));
        report.add(&format!("search: {name}"), "ms", ms, None, goal);
    }
}

/// A time, and beside it how it has grown.
fn add_page(report: &mut Report, name: &str, many: f64, few: f64, must: f64) {
    let aim = must / 10.0;
    report.add(name, "ms", many, None, Goal::AtMost { must, aim });
    let (must, aim) = (1.3, 1.1);
    let name = "the same beside a hundredth of that";
    report.add(name, "ms", many, Some(few), Goal::Times { must, aim });
}

/// A client whose database has so many messages, in ten conversations.
fn filled(server: &Server, user: &str, dir: &Path, count: usize) -> Client {
    let client = server.logged_in(user, Some(dir));
    for call in 0..count / A_CALL {
        let numbers = call * A_CALL..(call + 1) * A_CALL;
        let messages = numbers.map(|n| message(n, &text(n))).collect();
        keep(&client, &format!("user{}", call % 10), messages);
    }
    client
}

/// 12 words, most of them of 4,000 that are equally frequent.
fn text(n: usize) -> String {
    let mut text = String::from("every");
    for word in 0..9_usize {
        let number = (n + 1).wrapping_mul(word * 2_654_435_761 + 40_503) >> 7;
        text.push_str(&format!(" w{}", number % 4_000));
    }
    for (every, word) in [
        (10, "frequent"),
        (100, "usual"),
        (100, "天气"),
        (10_000, "rare"),
    ] {
        if n.is_multiple_of(every) {
            text.push(' ');
            text.push_str(word);
        }
    }
    text
}

fn message(n: usize, text: &str) -> KeptMessage {
    let elem = Elem::Text(TextElem {
        content: text.into(),
    });
    KeptMessage {
        msg_id: format!("message-{n}"),
        content: Content {
            elems: vec![elem],
            ..Content::default()
        },
        local: LocalCustom::default(),
        origin: Origin {
            sender: String::new(),
            time: 1_600_000_000 + n as u64,
        },
    }
}

fn keep(client: &Client, user: &str, messages: Vec<KeptMessage>) {
    let call_ = Call::ImportMessages(ConvId::c2c(user), messages);
    call(client, call_).expect("they are kept");
}

fn page() -> Call {
    let param = GetMsgListParam {
        count: 20,
        ..GetMsgListParam::default()
    };
    Call::GetMessages(ConvId::c2c("user1"), param)
}

fn wanted(words: &[&str]) -> Call {
    let param = MessageSearchParam {
        keywords: words.iter().map(ToString::to_string).collect(),
        page_size: 20,
        ..MessageSearchParam::default()
    };
    Call::SearchMessages(Box::new(param))
}

/// How many messages are found.
fn search(client: &Client, words: &[&str]) -> usize {
    match call(client, wanted(words)) {
        Ok(Reply::Found(found)) => found.items.iter().map(|item| item.count as usize).sum(),
        other => panic!("{other:?}"),
    }
}

/// In turns, so that both see the same weather.
fn medians_ms(clients: &[Client; 2], wanted: impl Fn() -> Call) -> [f64; 2] {
    let mut all = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (client, all) in clients.iter().zip(&mut all) {
            all.push(timed(client, wanted()));
        }
    }
    all.map(median)
}

fn median_of(times: usize, client: &Client, wanted: impl Fn() -> Call) -> f64 {
    median((0..times).map(|_| timed(client, wanted())).collect())
}

fn timed(client: &Client, wanted: Call) -> f64 {
    let start = Instant::now();
    call(client, wanted).expect("an answer");
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
