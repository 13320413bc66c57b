//! What the reactor, the dispatcher and the app's threads share of one client.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use protocol::{Error, codes};
use tim_core::{Command, Event, LoginStatus, NetworkStatus, Reply, ReqId};

use super::events;
use super::listeners::{Listeners, Told};
use super::pending::{Call, Pending};
use super::session::{Change, Session};
use super::{CallbackMode, Completion};
use crate::dispatch::{Inside, Queue, Wait, is_inside};
use crate::log::{Level, Logger, Sink};
use crate::reactor::{Instance, Outlet};
use crate::sys;

#[cfg(windows)]
mod window;

/// Runs once the client has stopped from inside one of its callbacks, on that thread. It is given
/// the dispatcher thread that it may be running on.
pub(crate) type Then = Box<dyn FnOnce(Option<JoinHandle<()>>) + Send>;

pub(crate) struct Inner {
    pub(super) mode: CallbackMode,
    /// What messages say that they were written on.
    pub(super) platform: i32,
    pub(super) queue: Queue<Job>,
    pub(super) pending: Pending,
    pub(super) session: Session,
    pub(super) listeners: Arc<Listeners>,
    pub(super) logger: Arc<Logger>,
    /// Locked from the numbering of a call until the reactor has it: calls arrive in their order.
    /// Empty before the start and after the stop; the reactor holds this client, so it has to be.
    pub(super) instance: Mutex<Option<Instance>>,
    pub(super) counters: Counters,
    /// What the reactor put out since its last turn ended.
    turn: Mutex<Turn>,
    /// Jobs taken from the queue and not run yet; whoever holds it is the one who runs jobs.
    pub(super) runner: Mutex<VecDeque<Job>>,
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
    #[cfg(windows)]
    window: window::Slot,
    clock_offset: AtomicI64,
    network: Mutex<Network>,
    stopping: AtomicBool,
    /// The client is to be stopped by whoever runs its jobs, as soon as the running one is over.
    stop_here: AtomicBool,
    then: Mutex<Option<Then>>,
    stopped: Mutex<bool>,
    stopped_now: Condvar,
    outer_sink: Mutex<Option<Arc<dyn Sink>>>,
    /// A fork from now on makes a child in which nothing of this works.
    _live: sys::Live,
}

/// A thing for the app's thread to do, and the login state that it makes true.
pub(crate) struct Job {
    work: Work,
    change: Option<Change>,
    /// The reactor wants to know when the app has been given this.
    mark: Option<u64>,
}

impl Job {
    fn of(work: Work) -> Self {
        Self {
            work,
            change: None,
            mark: None,
        }
    }
}

enum Work {
    Complete(ReqId, Result<Reply, Error>),
    Finish(Call, Result<Reply, Error>),
    Event(Event),
    PresentNetwork,
    Log(Level, String),
    Nothing,
}

impl Work {
    /// Which callback of the app it runs, in words of the C interface.
    fn callback(&self) -> (&'static str, &'static str) {
        match self {
            Work::Finish((name, _), _) => ("the callback of ", name),
            Work::Event(event) => ("", Listeners::callback_of(event)),
            Work::PresentNetwork => ("", Listeners::NETWORK),
            Work::Log(..) => ("", Listeners::LOG),
            Work::Complete(..) | Work::Nothing => ("", "nothing"),
        }
    }
}

#[derive(Default)]
struct Turn {
    jobs: VecDeque<Job>,
    change: Option<Change>,
}

#[derive(Default)]
struct Network {
    told_last: Option<NetworkStatus>,
    /// A listener was set that has not been told yet.
    untold: bool,
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) jobs_run: AtomicU64,
    pub(super) events_dropped: AtomicU64,
    pub(super) log_lines_dropped: AtomicU64,
    pub(super) panics: AtomicU64,
    queued_items: AtomicUsize,
    queued_lines: AtomicUsize,
}

/// Items of events that may wait; passing events beyond it are dropped and counted.
const MAX_QUEUED_ITEMS: usize = 200_000;
/// Lines for the log callback that may wait.
const MAX_QUEUED_LINES: usize = 2_000;
/// A callback that takes longer, while all others wait for it, is named in the log.
const SLOW: Duration = Duration::from_secs(1);

impl Inner {
    pub(super) fn new(
        mode: CallbackMode,
        max_pending: usize,
        platform: i32,
        listeners: Arc<Listeners>,
        logger: Arc<Logger>,
    ) -> std::io::Result<Self> {
        #[cfg(windows)]
        let window = window::Slot::default();
        let queue = match mode {
            CallbackMode::Poll => Queue::for_polling(listeners.wakeup.clone())?,
            #[cfg(windows)]
            CallbackMode::Window => Queue::for_polling(window.wakeup())?,
            _ => Queue::for_thread(),
        };
        Ok(Self {
            mode,
            platform,
            queue,
            pending: Pending::new(max_pending),
            session: Session::default(),
            listeners,
            logger,
            instance: Mutex::default(),
            counters: Counters::default(),
            turn: Mutex::default(),
            runner: Mutex::default(),
            thread: Mutex::default(),
            #[cfg(windows)]
            window,
            clock_offset: AtomicI64::new(0),
            network: Mutex::default(),
            stopping: AtomicBool::new(false),
            stop_here: AtomicBool::new(false),
            then: Mutex::default(),
            stopped: Mutex::new(false),
            stopped_now: Condvar::new(),
            outer_sink: Mutex::default(),
            _live: sys::Live::new(),
        })
    }

    /// Sends the log's lines through the queue from now on.
    pub(super) fn attach_log(self: &Arc<Self>) {
        let sink = Lines(Arc::downgrade(self));
        *self.outer_sink.lock() = self.logger.set_sink(Some(Arc::new(sink)));
    }

    fn id(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    /// Whether this thread is inside a callback of this client.
    pub(crate) fn is_inside(&self) -> bool {
        is_inside(self.id())
    }

    pub(super) fn clock_offset_ms(&self) -> i64 {
        self.clock_offset.load(Ordering::Relaxed)
    }

    pub(super) fn submit(
        &self,
        command: Command,
        completion: Completion,
    ) -> Result<ReqId, Refused> {
        if let Err(error) = self.pending.reserve() {
            return Err((error, completion));
        }
        let instance = self.instance.lock();
        let Some(reactor) = instance.as_ref() else {
            self.pending.release();
            return Err((Error::of(codes::SDK_NOT_INITIALIZED), completion));
        };
        let req = match self.pending.insert(command.name(), completion) {
            Ok(req) => req,
            Err(completion) => {
                self.pending.release();
                return Err((Error::of(codes::SDK_NOT_INITIALIZED), completion));
            }
        };
        match &command {
            Command::Login { user_id, .. } => self.session.login(req, user_id),
            Command::Logout => self.session.logout(req),
            _ => {}
        }
        reactor.submit(req, command);
        Ok(req)
    }

    /// A call that is carried out without the core, by `run`, and answered in the order of
    /// callbacks all the same. When its place is refused nothing is carried out; what is carried
    /// out just when the client stops comes back.
    pub(super) fn complete_here(
        &self,
        name: &'static str,
        run: impl FnOnce() -> Completion,
    ) -> Result<(), (Error, Option<Completion>)> {
        self.pending.reserve().map_err(|error| (error, None))?;
        match self.pending.insert(name, run()) {
            Ok(req) => {
                self.queue
                    .push(Job::of(Work::Complete(req, Ok(Reply::Empty))));
                Ok(())
            }
            Err(completion) => {
                self.pending.release();
                let error = Error::of(codes::SDK_NOT_INITIALIZED);
                Err((error, Some(completion)))
            }
        }
    }

    /// A network listener was set: it is told how things stand.
    pub(crate) fn tell_network(&self) {
        self.network.lock().untold = true;
        self.queue.push(Job::of(Work::PresentNetwork));
    }

    /// The dispatcher thread.
    pub(super) fn dispatch(self: Arc<Self>) {
        sys::block_sigpipe();
        let mut batch = self.runner.lock();
        while self.queue.take(&mut batch, Wait::Forever) {
            self.run(&mut batch, usize::MAX, None);
            if self.stop_here.load(Ordering::Acquire) {
                self.stop_from_inside(&mut batch);
                return;
            }
        }
        self.run_out(&mut batch);
    }

    /// Runs jobs of the poll mode: at most `max` of those that wait, or come within `wait`.
    pub(super) fn poll(self: &Arc<Self>, max: usize, wait: Wait) -> Result<usize, Error> {
        if self.mode != CallbackMode::Poll {
            return Err(Error::of(codes::NOT_SUPPORTED));
        }
        if self.is_inside() {
            return Err(Error::of(codes::IN_CALLBACK));
        }
        let Some(mut batch) = self.runner.try_lock() else {
            return Err(Error::of(codes::BUSY));
        };
        let mut ran = 0;
        if !batch.is_empty() || self.queue.take(&mut batch, wait) {
            ran = self.run(&mut batch, max, None);
        }
        if self.stop_here.load(Ordering::Acquire) {
            self.stop_from_inside(&mut batch);
        } else if self.queue.settle(batch.is_empty()) {
            drop(batch);
            self.queue.remind();
        }
        Ok(ran)
    }

    /// Runs jobs until there are none, `max` have run, it is `end`, or one of them stopped the
    /// client.
    fn run(&self, batch: &mut VecDeque<Job>, max: usize, end: Option<Instant>) -> usize {
        self.look_up(batch);
        let _inside = Inside::enter(self.id());
        let (mut ran, mut clock) = (0, Instant::now());
        while ran < max && !self.stop_here.load(Ordering::Acquire) {
            if end.is_some_and(|end| clock >= end) {
                break;
            }
            let Some(job) = batch.pop_front() else { break };
            self.run_job(job, &mut clock);
            ran += 1;
        }
        ran
    }

    /// The last jobs of all: those that wait, then every call that nobody has completed.
    fn run_out(&self, batch: &mut VecDeque<Job>) {
        let _inside = Inside::enter(self.id());
        let mut clock = Instant::now();
        loop {
            self.look_up(batch);
            while let Some(job) = batch.pop_front() {
                self.run_job(job, &mut clock);
            }
            if !self.queue.take(batch, Wait::No) {
                break;
            }
        }
        for call in self.pending.drain() {
            let result = Err(Error::of(codes::SDK_COMM_INTERRUPT));
            self.run_job(Job::of(Work::Finish(call, result)), &mut clock);
        }
    }

    /// Puts the completions to the results, under one lock.
    fn look_up(&self, batch: &mut VecDeque<Job>) {
        self.pending.with(|take| {
            for job in batch.iter_mut() {
                if let Work::Complete(req, _) = job.work {
                    let Work::Complete(_, result) = std::mem::replace(&mut job.work, Work::Nothing)
                    else {
                        continue;
                    };
                    if let Some(call) = take(req) {
                        job.work = Work::Finish(call, result);
                    }
                }
            }
        });
    }

    /// Runs a job. `clock` is when it begins, and then when it has ended.
    fn run_job(&self, job: Job, clock: &mut Instant) {
        self.counters.jobs_run.fetch_add(1, Ordering::Relaxed);
        if let Some(change) = job.change {
            self.session.apply(change);
        }
        let work = job.work;
        let frees_a_place = matches!(work, Work::Finish(..));
        let callback = work.callback();
        // A panic of a Rust listener, or of ours: the next job runs all the same. What comes from
        // C cannot unwind to here.
        if catch_unwind(AssertUnwindSafe(|| self.work(work))).is_err() {
            self.counters.panics.fetch_add(1, Ordering::Relaxed);
            self.logger.write(
                Level::Error,
                "dispatch",
                format_args!("a callback panicked"),
            );
        }
        if frees_a_place {
            self.pending.release();
        }
        // After the stop it is known that all has been told that was to be.
        if let Some(mark) = job.mark
            && let Some(instance) = self.instance.lock().as_ref()
        {
            instance.told(mark);
        }
        let began = std::mem::replace(clock, Instant::now());
        let took = clock.saturating_duration_since(began);
        if took > SLOW {
            self.tell_slow(callback, took);
        }
    }

    #[cold]
    fn tell_slow(&self, (whose, name): (&str, &str), took: Duration) {
        let tell = || {
            let took = took.as_secs_f64();
            let text = format_args!("{whose}{name} took {took:.1} s; all others waited for it");
            self.logger.write(Level::Warn, "dispatch", text);
        };
        // Told to a log callback that is itself slow, the line would cause the next one.
        if name == Listeners::LOG {
            Listeners::untold(tell);
        } else {
            tell();
        }
    }

    fn work(&self, work: Work) {
        match work {
            Work::Finish((_, completion), result) => completion(result),
            Work::Event(event) => {
                let items = events::items(&event);
                self.counters
                    .queued_items
                    .fetch_sub(items, Ordering::Relaxed);
                self.tell(event);
            }
            Work::PresentNetwork => {
                let mut network = self.network.lock();
                let untold = std::mem::take(&mut network.untold);
                let status = network.told_last.clone().filter(|_| untold);
                drop(network);
                if let Some(status) = status {
                    self.tell(Event::Network(status));
                }
            }
            Work::Log(level, line) => {
                self.counters.queued_lines.fetch_sub(1, Ordering::Relaxed);
                self.listeners.tell_log(level, &line);
            }
            Work::Complete(..) | Work::Nothing => {}
        }
    }

    fn tell(&self, event: Event) {
        // New messages have been taken from the server for good.
        let is_owed = matches!(
            event,
            Event::NewMessages(_) | Event::Revoked(_) | Event::Modified(_)
        );
        if self.stopping.load(Ordering::Acquire) && !is_owed {
            return;
        }
        if let Event::Network(status) = &event {
            let mut network = self.network.lock();
            network.told_last = Some(status.clone());
            network.untold = false;
        }
        self.listeners.tell(&Told::new(event));
    }

    /// Stops the client. False: this thread is inside one of its callbacks, so that it stops when
    /// the callback returns; `then` runs after that. Otherwise it has stopped, and `then` is
    /// dropped.
    pub(super) fn stop(&self, then: Option<Then>) -> bool {
        let first = !self.stopping.swap(true, Ordering::AcqRel);
        self.pending.close();
        if self.is_inside() {
            if first {
                *self.then.lock() = then;
                self.stop_here.store(true, Ordering::Release);
            }
            return false;
        }
        if first {
            self.stop_reactor();
            let thread = self.thread.lock().take();
            match thread {
                // It ends by itself. A panic in it has been logged.
                Some(thread) => drop(thread.join()),
                None => self.run_out(&mut self.runner.lock()),
            }
            self.finish();
        } else {
            let mut stopped = self.stopped.lock();
            while !*stopped {
                self.stopped_now.wait(&mut stopped);
            }
        }
        true
    }

    /// The callback that asked for it has returned.
    fn stop_from_inside(&self, batch: &mut VecDeque<Job>) {
        self.stop_reactor();
        self.run_out(batch);
        let thread = self.thread.lock().take();
        let then = self.then.lock().take();
        self.finish();
        if let Some(then) = then {
            then(thread);
        }
    }

    fn stop_reactor(&self) {
        // Waits for calls that were accepted just before the end.
        let instance = self.instance.lock().take();
        if let Some(instance) = instance {
            instance.stop();
        }
        self.turn_end();
        self.queue.close();
    }

    fn finish(&self) {
        #[cfg(windows)]
        self.window.close();
        self.session.reset();
        self.logger
            .write(Level::Info, "sdk", format_args!("stopped"));
        self.logger.set_sink(self.outer_sink.lock().take());
        self.logger.close();
        *self.stopped.lock() = true;
        self.stopped_now.notify_all();
    }

    fn put(&self, work: Work) {
        let mut turn = self.turn.lock();
        let change = turn.change.take();
        let job = Job {
            change,
            ..Job::of(work)
        };
        let job = match turn.jobs.back_mut() {
            Some(last) => merge(last, job),
            None => Some(job),
        };
        turn.jobs.extend(job);
    }

    fn log_line(&self, level: Level, line: String) {
        if self.listeners.log.is_empty() || Listeners::is_logging() {
            return;
        }
        if self.counters.queued_lines.fetch_add(1, Ordering::Relaxed) >= MAX_QUEUED_LINES {
            self.counters.queued_lines.fetch_sub(1, Ordering::Relaxed);
            self.counters
                .log_lines_dropped
                .fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.queue.push(Job::of(Work::Log(level, line)));
    }
}

/// A refused call, with its completion given back.
pub(super) type Refused = (Error, Completion);

/// Melts an event into the one before it, when they are of one kind.
fn merge(last: &mut Job, job: Job) -> Option<Job> {
    let Job {
        work: last,
        mark: last_mark,
        ..
    } = last;
    match (last, job) {
        (
            Work::Event(last),
            Job {
                work: Work::Event(event),
                change: None,
                mark,
            },
        ) => {
            let Some(event) = events::merge(last, event) else {
                *last_mark = mark.or(*last_mark);
                return None;
            };
            Some(Job {
                mark,
                ..Job::of(Work::Event(event))
            })
        }
        (_, job) => Some(job),
    }
}

impl Outlet for Inner {
    fn complete(&self, req: ReqId, result: Result<Reply, Error>) {
        self.put(Work::Complete(req, result));
    }

    fn notify(&self, event: Event) {
        let items = events::items(&event);
        let queued = self
            .counters
            .queued_items
            .fetch_add(items, Ordering::Relaxed);
        if queued + items > MAX_QUEUED_ITEMS && events::is_passing(&event) {
            self.counters
                .queued_items
                .fetch_sub(items, Ordering::Relaxed);
            let dropped = self
                .counters
                .events_dropped
                .fetch_add(items as u64, Ordering::Relaxed);
            if dropped == 0 {
                let text = format_args!("the app is too slow: events are dropped");
                self.logger.write(Level::Warn, "dispatch", text);
            }
            return;
        }
        self.put(Work::Event(event));
    }

    fn mark(&self, mark: u64) {
        let mut turn = self.turn.lock();
        match turn.jobs.back_mut() {
            Some(last) => last.mark = Some(mark),
            // The messages were too many to wait.
            None => turn.jobs.push_back(Job {
                mark: Some(mark),
                ..Job::of(Work::Nothing)
            }),
        }
    }

    fn login_state(&self, status: LoginStatus, user_id: String, by: ReqId) {
        let change = Change {
            status,
            user_id,
            by,
        };
        let mut turn = self.turn.lock();
        if let Some(earlier) = turn.change.replace(change) {
            turn.jobs.push_back(Job {
                change: Some(earlier),
                ..Job::of(Work::Nothing)
            });
        }
    }

    fn clock_offset(&self, ms: i64) {
        self.clock_offset.store(ms, Ordering::Relaxed);
    }

    fn log(&self, level: tim_core::LogLevel, text: String) {
        self.logger
            .write(level.into(), "core", format_args!("{text}"));
    }

    fn turn_end(&self) {
        let mut turn = self.turn.lock();
        if let Some(change) = turn.change.take() {
            turn.jobs.push_back(Job {
                change: Some(change),
                ..Job::of(Work::Nothing)
            });
        }
        if !turn.jobs.is_empty() {
            self.queue.append(&mut turn.jobs, merge);
        }
    }
}

/// The log's way into the queue.
struct Lines(std::sync::Weak<Inner>);

impl Sink for Lines {
    fn line(&self, level: Level, line: String) {
        if let Some(inner) = self.0.upgrade() {
            inner.log_line(level, line);
        }
    }
}
