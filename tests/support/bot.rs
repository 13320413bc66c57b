//! A user who answers: with it a program in any language can be shown what other people do.

use std::collections::VecDeque;
use std::sync::{Arc, mpsc};
use std::thread;

use protocol::conversation::ConvId;
use protocol::message::{Elem, LocalCustom, MessageRef};
use protocol::usersig;
use tim::sdk::{CallbackMode, Client, Config};
use tim_core::Command;
use tim_core::command::{Modification, Reply};
use timd::testing::TestServer;

use super::{Outcome, at, code, completion, login, ok, submit, text};

/// Its user ID.
pub const NAME: &str = "bot";

/// Messages that it has under way at most.
const WINDOW: usize = 500;

/// A client that is logged in as [`NAME`] and does what text messages ask for:
///
/// - `echo WORDS`: it sends WORDS.
/// - `send N`: it sends N messages, "1" to "N".
/// - `ticket N`: it sends a ticket of the sender that is good for N seconds.
/// - `slip WORDS`: it sends WORDS, and takes them back.
/// - `change WORDS`: it changes the message that says so to WORDS.
/// - `kick me`: it logs in as the sender, on another device.
///
/// All else it reads and says nothing.
pub struct Bot {
    client: Arc<Client>,
    ask: mpsc::Sender<Option<Order>>,
    worker: Option<thread::JoinHandle<()>>,
}

impl Bot {
    /// Logs in. The server has to stay for as long as the bot does.
    pub fn start(server: &TestServer) -> Self {
        let config = at(server, CallbackMode::Thread);
        let client = Arc::new(Client::start(config.clone()).unwrap());
        let (ask, asked) = mpsc::channel();
        let tell = ask.clone();
        client.listeners().on_new_messages(move |messages| {
            for message in messages {
                if let Some(Elem::Text(text)) = message.content.elems.first() {
                    let order = Order {
                        user: message.sender.clone(),
                        conv: message.conv.clone(),
                        words: text.content.clone(),
                        msg_id: message.msg_id.clone(),
                    };
                    // Nobody listens when the bot ends.
                    let _ = tell.send(Some(order));
                }
            }
        });
        assert_eq!(code(&login(&client, server, NAME)), 0);
        let hands = Hands {
            client: client.clone(),
            config,
            key: server.key().to_owned(),
        };
        let worker = thread::spawn(move || {
            while let Ok(Some(order)) = asked.recv() {
                hands.answer(&order);
            }
        });
        Self {
            client,
            ask,
            worker: Some(worker),
        }
    }
}

/// A message to the bot.
struct Order {
    user: String,
    /// Where it said so, and hears the answer.
    conv: ConvId,
    words: String,
    msg_id: String,
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.ask.send(None);
        self.client.stop();
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// What a program of that user, or of another one, finds in its environment; `tests/scenarios.rs` tells
/// what each is.
pub fn environment(
    server: &TestServer,
    folder: &std::path::Path,
    user: &str,
) -> Vec<(&'static str, String)> {
    let other = format!("{user}-2");
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let old = usersig::mint(
        server.key(),
        server.app_id(),
        user,
        now - 100_000,
        3600,
        None,
    );
    // Who names no folder writes here too, and not where other programs of this user do.
    let home = folder.display().to_string();
    vec![
        ("XDG_DATA_HOME", home.clone()),
        ("XDG_STATE_HOME", home.clone()),
        ("TIM_DIR", home),
        ("TIM_SERVER_URL", server.url()),
        (
            "TIM_SERVER_CA",
            server.ca_path().unwrap().display().to_string(),
        ),
        ("TIM_APP_ID", server.app_id().to_string()),
        ("TIM_USER", user.to_owned()),
        ("TIM_USER_SIG", server.usersig(user, 3600)),
        ("TIM_OTHER_SIG", server.usersig(&other, 3600)),
        ("TIM_OTHER", other),
        ("TIM_EXPIRED_SIG", old),
        ("TIM_BOT", NAME.to_owned()),
    ]
}

fn named(msg_id: &str) -> MessageRef {
    MessageRef {
        msg_id: msg_id.into(),
        seq: 0,
    }
}

/// What the bot's own thread has: in a callback nothing may wait.
struct Hands {
    client: Arc<Client>,
    config: Config,
    key: String,
}

impl Hands {
    fn answer(&self, asked: &Order) {
        let Order {
            user,
            conv,
            words,
            msg_id,
        } = asked;
        let (order, rest) = words.split_once(' ').unwrap_or((words, ""));
        match (order, rest.parse::<u64>()) {
            ("echo", _) => self.send_all(conv, [rest.to_owned()]),
            ("send", Ok(n)) => self.send_all(conv, (1..=n).map(|i| i.to_string())),
            ("ticket", Ok(seconds)) => self.send_all(conv, [self.ticket(user, seconds)]),
            ("slip", _) => {
                let (done, outcome) = completion();
                let (conv, local) = (conv.clone(), LocalCustom::default());
                let sent = self.client.send(conv.clone(), text(rest), local, done);
                sent.unwrap();
                let Reply::Message(sent) = ok(outcome) else {
                    panic!("a message is sent")
                };
                ok(submit(
                    &self.client,
                    Command::Revoke(conv, named(&sent.msg_id)),
                ));
            }
            ("change", _) => {
                let modification = Modification {
                    conv: conv.clone(),
                    message: named(msg_id),
                    rev: None,
                    elems: text(rest).elems,
                    cloud_custom: String::new(),
                };
                ok(submit(
                    &self.client,
                    Command::Modify(Box::new(modification)),
                ));
            }
            ("kick", _) => {
                let other = Client::start(self.config.clone()).unwrap();
                let command = Command::Login {
                    user_id: user.into(),
                    user_sig: self.ticket(user, 3600),
                };
                ok(submit(&other, command));
                other.stop();
            }
            _ => {}
        }
    }

    fn ticket(&self, user: &str, seconds: u64) -> String {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        usersig::mint(&self.key, self.config.app_id, user, now, seconds, None)
    }

    fn send_all(&self, conv: &ConvId, all: impl IntoIterator<Item = String>) {
        let mut under_way: VecDeque<Outcome> = VecDeque::new();
        for words in all {
            if under_way.len() == WINDOW {
                under_way.pop_front().map(ok);
            }
            let (done, outcome) = completion();
            let local = LocalCustom::default();
            let sent = self.client.send(conv.clone(), text(&words), local, done);
            // Refused when the bot ends.
            if sent.is_err() {
                return;
            }
            under_way.push_back(outcome);
        }
    }
}
