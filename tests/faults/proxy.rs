//! A proxy for TCP that can delay, stall, cut into bytes, reset, and forget.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

#[derive(Default)]
struct Rules {
    delay_ms: AtomicU64,
    bytes: AtomicUsize,
    is_stalled: AtomicBool,
    /// What is sent goes nowhere, and its connection is of no use from then on.
    is_swallowing: AtomicBool,
}

/// One connection through the proxy, both halves.
struct Flow {
    client: TcpStream,
    server: TcpStream,
    /// Nothing gets through any more, and nobody is told.
    is_forgotten: AtomicBool,
}

pub struct Proxy {
    port: u16,
    rules: Arc<Rules>,
    server: Arc<Mutex<SocketAddr>>,
    flows: Arc<Mutex<Vec<Arc<Flow>>>>,
}

impl Proxy {
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            rules: Arc::default(),
            server: Arc::new(Mutex::new(server)),
            flows: Arc::default(),
        };
        proxy.bytes_at_a_time(usize::MAX);
        let (rules, flows) = (proxy.rules.clone(), proxy.flows.clone());
        let server = proxy.server.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Locked until it is in the list: who leads elsewhere then finds it there.
                let target = server.lock();
                // The server may be away: then the client sees an end.
                let Ok(server) = TcpStream::connect(*target) else {
                    continue;
                };
                let flow = Flow::new(client, server);
                flows.lock().push(flow.clone());
                drop(target);
                flow.run(&rules);
            }
        });
        proxy
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything takes so long, in each direction.
    pub fn delay(&self, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap();
        self.rules.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Connections that begin from now on read and write no more than this at a time.
    pub fn bytes_at_a_time(&self, bytes: usize) {
        self.rules.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Nothing moves, until it does again.
    pub fn stall(&self, is_stalled: bool) {
        self.rules.is_stalled.store(is_stalled, Ordering::Relaxed);
    }

    /// What is sent from now on gets lost, in both directions, and nobody is told. Connections that
    /// were silent meanwhile work again after it.
    pub fn swallow(&self, does: bool) {
        self.rules.is_swallowing.store(does, Ordering::Relaxed);
    }

    /// New connections lead there; those that are open end with a reset.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.server.lock() = server;
        self.reset();
    }

    /// All connections end with a reset.
    pub fn reset(&self) {
        for flow in self.flows.lock().drain(..) {
            flow.reset();
        }
    }

    /// What was connected until now is silently dropped, in both directions.
    pub fn forget(&self) {
        for flow in self.flows.lock().drain(..) {
            flow.is_forgotten.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.reset();
    }
}

impl Flow {
    fn new(client: TcpStream, server: TcpStream) -> Arc<Self> {
        for half in [&client, &server] {
            half.set_nodelay(true).unwrap();
        }
        Arc::new(Self {
            client,
            server,
            is_forgotten: AtomicBool::new(false),
        })
    }

    fn run(self: Arc<Self>, rules: &Arc<Rules>) {
        for is_up in [true, false] {
            let (due, waits) = mpsc::channel();
            let (flow, own) = (self.clone(), rules.clone());
            thread::spawn(move || flow.read(is_up, &own, &due));
            let (flow, own) = (self.clone(), rules.clone());
            thread::spawn(move || flow.write(is_up, &own, &waits));
        }
    }

    /// Source and target of a direction.
    fn ends(&self, is_up: bool) -> (&TcpStream, &TcpStream) {
        match is_up {
            true => (&self.client, &self.server),
            false => (&self.server, &self.client),
        }
    }

    fn read(&self, is_up: bool, rules: &Rules, due: &mpsc::Sender<(Instant, Vec<u8>)>) {
        let mut from = self.ends(is_up).0;
        let size = rules.bytes.load(Ordering::Relaxed).min(16 * 1024);
        let mut part = vec![0; size];
        // The end is passed on as nothing.
        loop {
            let count = from.read(&mut part).unwrap_or(0);
            let delay = Duration::from_millis(rules.delay_ms.load(Ordering::Relaxed));
            let what = (Instant::now() + delay, part[..count].to_vec());
            if due.send(what).is_err() || count == 0 {
                return;
            }
        }
    }

    fn write(&self, is_up: bool, rules: &Rules, waits: &mpsc::Receiver<(Instant, Vec<u8>)>) {
        let mut to = self.ends(is_up).1;
        for (due, part) in waits {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            while rules.is_stalled.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(5));
            }
            if rules.is_swallowing.load(Ordering::Relaxed) {
                self.is_forgotten.store(true, Ordering::Relaxed);
            }
            if self.is_forgotten.load(Ordering::Relaxed) {
                continue;
            }
            if part.is_empty() || to.write_all(&part).is_err() {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
        }
    }

    /// Closed with a linger time of 0 a socket sends a reset. Reading ends without a packet, and with
    /// the threads that did it go the last references.
    fn reset(&self) {
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        for half in [&self.client, &self.server] {
            // SAFETY: the descriptor is open as long as `half` is, and the option has this type.
            unsafe {
                libc::setsockopt(
                    half.as_raw_fd(),
                    libc::SOL_SOCKET,
                    libc::SO_LINGER,
                    std::ptr::from_ref(&linger).cast(),
                    size_of::<libc::linger>() as libc::socklen_t,
                );
            }
            let _ = half.shutdown(Shutdown::Read);
        }
    }
}
