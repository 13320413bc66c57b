//! People in pairs who write to each other, and a book of what was written, confirmed and read.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use protocol::conversation::ConvId;
use protocol::message::{Content, Elem, LocalCustom, TextElem};
use tim::log::Logger;
use tim::sdk::{Client, Config, Listeners};
use tim_core::{Command, NetworkStatus};
use timd::testing::TempDir;

/// How long after the end of a fault everybody has to be back and in step.
const BACK: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Book {
    /// Numbers of one's own messages that the server has confirmed.
    confirmed: Vec<u32>,
    /// Numbers of the partner's messages, as they came.
    read: Vec<u32>,
    wrong: Vec<String>,
}

struct Person {
    name: String,
    client: Client,
    book: Arc<Mutex<Book>>,
    written: u32,
}

pub struct Crowd {
    people: Vec<Person>,
    connections: Arc<AtomicUsize>,
    _folder: TempDir,
}

impl Crowd {
    /// So many people, an even number, each with a database of their own.
    pub fn new(count: usize, configure: impl Fn(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let people = (0..count).map(|index| {
            let name = name(index);
            let mut config = Config::new(1);
            configure(&mut config);
            config.data_dir = Some(folder.path().join(&name));
            config.log_dir = None;
            Person::new(name, config, connections.clone())
        });
        Self {
            people: people.collect(),
            connections: connections.clone(),
            _folder: folder,
        }
    }

    /// Everybody logs in.
    pub fn login(&mut self, sig: impl Fn(&str) -> String) {
        let (tell, told) = std::sync::mpsc::channel();
        for person in &self.people {
            let (tell, user) = (tell.clone(), person.name.clone());
            let login = Command::Login {
                user_sig: sig(&user),
                user_id: user.clone(),
            };
            let done = Box::new(move |result: Result<_, _>| {
                let _ = tell.send((user, result.err()));
            });
            person.client.submit(login, done).unwrap();
        }
        for _ in &self.people {
            let (user, error) = told.recv_timeout(BACK).expect("a login is completed");
            assert_eq!(error, None, "{user}");
        }
    }

    /// Everybody writes so many messages a second.
    pub fn talk(&mut self, time: Duration, a_second: u32) {
        let end = Instant::now() + time;
        let pause = Duration::from_secs(1) / a_second;
        while Instant::now() < end {
            let round = Instant::now();
            self.say();
            std::thread::sleep(pause.saturating_sub(round.elapsed()));
        }
    }

    fn say(&mut self) {
        for (index, person) in self.people.iter_mut().enumerate() {
            person.write(&name(index ^ 1));
        }
    }

    /// The fault is over: everybody writes once more, and in the end all of it has come, once and in
    /// order. That last message shows that its writer is back.
    pub fn settle(&mut self) {
        let start = Instant::now();
        self.say();
        for index in 0..self.people.len() {
            let (writer, reader) = (&self.people[index], &self.people[index ^ 1]);
            let wanted: Vec<u32> = (1..=writer.written).collect();
            loop {
                let (confirmed, read) = (writer.confirmed(), reader.read());
                assert!(
                    is_beginning(&wanted, &read),
                    "{} reads {read:?}",
                    reader.name
                );
                if read.len() == wanted.len() && confirmed.len() == wanted.len() {
                    assert_eq!(confirmed, wanted, "confirmed to {}", writer.name);
                    break;
                }
                assert!(
                    start.elapsed() < BACK,
                    "{} of {} of {} have been confirmed, {} been read by {}",
                    confirmed.len(),
                    wanted.len(),
                    writer.name,
                    read.len(),
                    reader.name
                );
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        for person in &self.people {
            let wrong = &person.book.lock().wrong;
            assert!(wrong.is_empty(), "{}: {wrong:?}", person.name);
        }
        println!("all is well after {:?}", start.elapsed());
    }

    /// How many messages the server has confirmed.
    pub fn confirmed(&self) -> usize {
        let books = self.people.iter().map(|person| person.book.lock());
        books.map(|book| book.confirmed.len()).sum()
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Nothing is missing in between, nothing is there twice, nothing is out of order.
fn is_beginning(wanted: &[u32], read: &[u32]) -> bool {
    wanted.starts_with(read)
}

fn name(index: usize) -> String {
    format!("user-{index}")
}

impl Person {
    fn new(name: String, config: Config, connections: Arc<AtomicUsize>) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let listeners = Arc::new(Listeners::default());
        listeners.on_network(move |status| {
            if *status == NetworkStatus::Connected {
                connections.fetch_add(1, Ordering::Relaxed);
            }
        });
        let (reads, kicks) = (book.clone(), book.clone());
        let own = name.clone();
        listeners.on_new_messages(move |messages| {
            for message in messages.iter().filter(|message| message.sender != own) {
                let [Elem::Text(text)] = &message.content.elems[..] else {
                    panic!("not a text");
                };
                reads.lock().read.push(text.content.parse().unwrap());
            }
        });
        listeners.on_kicked_offline(move || kicks.lock().wrong.push("kicked".into()));
        let data = config.data_dir.clone().unwrap();
        std::fs::create_dir_all::<&Path>(&data).unwrap();
        let client = Client::start_with(config, listeners, Arc::new(Logger::default())).unwrap();
        Self {
            name,
            client,
            book,
            written: 0,
        }
    }

    fn write(&mut self, to: &str) {
        self.written += 1;
        let (number, book) = (self.written, self.book.clone());
        let content = Content {
            elems: vec![Elem::Text(TextElem {
                content: number.to_string(),
            })],
            ..Content::default()
        };
        let done = Box::new(move |result: Result<_, _>| {
            let mut book = book.lock();
            match result {
                Ok(_) => book.confirmed.push(number),
                Err(error) => book.wrong.push(format!("{number}: {error}")),
            }
        });
        let conv = ConvId::c2c(to);
        let sent = self
            .client
            .send(conv, content, LocalCustom::default(), done);
        sent.unwrap();
    }

    fn confirmed(&self) -> Vec<u32> {
        self.book.lock().confirmed.clone()
    }

    fn read(&self) -> Vec<u32> {
        self.book.lock().read.clone()
    }
}
