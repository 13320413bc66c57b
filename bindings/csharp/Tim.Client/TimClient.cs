using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Tim
{
    /// <summary>
    /// The client of this process: libtim holds one login a process, so one client runs at a time.
    /// </summary>
    /// <remarks>
    /// Each function of tim.h with a completion is a method here that returns a task, each of its callbacks an event.
    /// A task fails with <see cref="TimException"/>. Events run one at a time on the thread that polls (or where
    /// <see cref="TimOptions.EventContext"/> takes them); what follows an await of one of these tasks runs where C#
    /// takes it, never inside a callback. Methods may be called on any thread, also in events. Subscribe before
    /// <see cref="Start"/>.
    /// </remarks>
    public sealed partial class TimClient : IDisposable
    {
        // A program that ends does not wait longer than this for a handler that may be waiting for it.
        const int ExitMs = 2000;

        // Pulsed when a Start is over, when a client has ended, and when a handler has returned. Never held
        // while C is called or a handler runs.
        static readonly object s_lock = new object();
        // The one that has been started and has not ended.
        static volatile TimClient s_current;
        static int s_lastNumber;

        Thread _poller;
        readonly ulong _appId;
        readonly TimOptions _options;
        // What C is given with callbacks for events.
        readonly IntPtr _number;
        volatile bool _started, _disposed, _endsAfterCallback, _initialised, _ended, _exiting;
        // The threads that are inside tim_poll, Start, and tim_uninit; 0: none.
        volatile int _pollingThread, _startingThread, _endingThread;
        // Those that run handlers.
        readonly List<int> _handlerThreads = new List<int>();

        /// <param name="appId">The app's number at the server.</param>
        /// <param name="options">Null: all defaults.</param>
        public TimClient(ulong appId, TimOptions options = null)
        {
            _appId = appId;
            _options = options ?? new TimOptions();
            _number = (IntPtr)Interlocked.Increment(ref s_lastNumber);
        }

        /// <summary>An exception that left a handler of an event, or a callback that could not be read. Without a
        /// handler of its own it is written to stderr.</summary>
        public event Action<Exception> CallbackFailed;

        /// <summary>Version of the library, such as "0.1.0".</summary>
        public static string SdkVersion => Text.FromNative(NativeMethods.tim_get_sdk_version());

        /// <summary>The server's clock as far as it is known, in seconds since 1970.</summary>
        public static ulong ServerTime => NativeMethods.tim_get_server_time();

        /// <summary>The client that runs in this process, or null.</summary>
        public static TimClient Current
        {
            get
            {
                TimClient client = s_current;
                return client == null || client._disposed ? null : client;
            }
        }

        /// <summary>The name of a code in tim.h, such as TIM_ERR_SDK_NOT_LOGGED_IN.</summary>
        public static string ErrorName(int code)
        {
            return Text.FromNative(NativeMethods.tim_error_name(code));
        }

        /// <summary>Where the login stands. It is never older than what an event or a task has told.</summary>
        public LoginStatus LoginStatus =>
            _disposed || IsAnothers ? LoginStatus.UnLogined : NativeMethods.tim_get_login_status();

        /// <summary>Who is logged in; "" when nobody is.</summary>
        public string LoginUserId
        {
            get
            {
                var buffer = new byte[128];
                if (_disposed || IsAnothers || NativeMethods.tim_get_login_user_id(buffer) != TimCode.Succ)
                {
                    return "";
                }
                return Text.FromBuffer(buffer);
            }
        }

        /// <summary>Figures on how the library is doing, as JSON; tim_get_stats names the keys.</summary>
        public static string GetStats()
        {
            var buffer = new byte[2048];
            while (true)
            {
                int length = NativeMethods.tim_get_stats(buffer, (UIntPtr)buffer.Length);
                Check(length < 0 ? length : TimCode.Succ, "tim_get_stats");
                if (length < buffer.Length)
                {
                    return Text.FromBuffer(buffer);
                }
                buffer = new byte[length + 256];
            }
        }

        /// <summary>Keeps what the user has begun to write; null drops it. It stays on this device.</summary>
        /// <exception cref="TimException">It was not kept.</exception>
        public void SetDraft(string convId, ConvType convType, Draft draft)
        {
            Mine();
            byte[] id = Text.ToNative(convId);
            if (draft == null)
            {
                Check(NativeMethods.tim_conv_cancel_draft(id, convType), "tim_conv_cancel_draft");
                return;
            }
            Check(NativeMethods.tim_conv_set_draft(id, convType, Text.ToNative(draft.ToJson())),
                "tim_conv_set_draft");
        }

        /// <summary>Begins to tell when the number of unread messages that pass a filter changes.</summary>
        /// <exception cref="TimException">Nobody is logged in.</exception>
        public void SubscribeUnread(ConversationListFilter filter)
        {
            Mine();
            byte[] json = Text.ToNative(filter.ToJson());
            Check(NativeMethods.tim_conv_subscribe_unread_message_count_by_filter(json),
                "tim_conv_subscribe_unread_message_count_by_filter");
        }

        /// <summary>Ends what SubscribeUnread began.</summary>
        /// <exception cref="TimException">Nobody is logged in.</exception>
        public void UnsubscribeUnread(ConversationListFilter filter)
        {
            Mine();
            byte[] json = Text.ToNative(filter.ToJson());
            Check(NativeMethods.tim_conv_unsubscribe_unread_message_count_by_filter(json),
                "tim_conv_unsubscribe_unread_message_count_by_filter");
        }

        /// <summary>tim_init. Waits for the end of a client that another thread disposes of.</summary>
        /// <exception cref="InvalidOperationException">It was started before, another client runs, or this is inside
        /// a handler of one that was disposed of there: start it when that has returned.</exception>
        /// <exception cref="ObjectDisposedException">It was disposed of, before or meanwhile.</exception>
        /// <exception cref="TimException">What tim_init returned was not 0; this client is of no further
        /// use.</exception>
        public void Start()
        {
            Begin();
            bool running = false;
            try
            {
                byte[] config = Text.ToNative((_options.Config ?? new SdkConfig()).InPollMode().ToJson());
                RegisterEvents();
                int code = NativeMethods.tim_init(_appId, config);
                if (code != TimCode.Succ)
                {
                    throw new TimException(code, "tim_init: " + WhyInitFailed());
                }
                _initialised = true;
                AppDomain.CurrentDomain.ProcessExit += OnExit;
                AppDomain.CurrentDomain.DomainUnload += OnUnload;
                lock (s_lock)
                {
                    if (!_disposed)
                    {
                        // No handler begins before the lock is free: one that disposes of this client ends it
                        // then, and Start does not wait for it.
                        StartPolling();
                        _startingThread = 0;
                        running = true;
                    }
                    Monitor.PulseAll(s_lock);
                }
            }
            finally
            {
                if (!running)
                {
                    _disposed = true;
                    End();
                    _startingThread = 0;
                }
            }
            if (!running)
            {
                throw new ObjectDisposedException(nameof(TimClient), "It was disposed of while it started.");
            }
        }

        void StartPolling()
        {
            if (_options.PollThread)
            {
                var poller = new Thread(PollUntilDisposed) { IsBackground = true, Name = "tim-poll" };
                poller.Start();
                _poller = poller;
            }
        }

        // From here on it is the one of this process.
        void Begin()
        {
            int me = Environment.CurrentManagedThreadId;
            lock (s_lock)
            {
                while (true)
                {
                    if (_started)
                    {
                        throw new InvalidOperationException("A client starts once; make another one.");
                    }
                    if (_disposed)
                    {
                        throw new ObjectDisposedException(nameof(TimClient));
                    }
                    TimClient other = s_current;
                    if (other == null)
                    {
                        break;
                    }
                    if (!other._disposed)
                    {
                        throw new InvalidOperationException("Another client runs in this process; dispose of it first.");
                    }
                    if (other.IsInside(me))
                    {
                        throw new InvalidOperationException("The client before ends when this handler has returned; start the next one then.");
                    }
                    Monitor.Wait(s_lock);
                }
                _started = true;
                _startingThread = me;
                s_current = this;
            }
        }

        // Whether what runs there is a part of this client's own work, so that it cannot wait for it.
        bool IsInside(int thread)
        {
            return _pollingThread == thread || _startingThread == thread || _endingThread == thread;
        }

        static string WhyInitFailed()
        {
            JsonReader json = JsonReader.Of(GetStats());
            var keys = new JsonKeys("last_init_error");
            json.BeginObject();
            string why = null;
            for (int key = 0; (key = json.NextKey(keys, key)) != 0;)
            {
                if (key == 1)
                {
                    why = json.ReadString();
                }
                else
                {
                    json.Skip();
                }
            }
            return why;
        }

        /// <summary>Runs callbacks that wait, with <see cref="TimOptions.PollThread"/> false.</summary>
        /// <param name="maxJobs">At most so many; 0: all.</param>
        /// <param name="timeoutMs">How long to wait for the first one; 0: not at all, -1: until there is one.</param>
        /// <returns>How many ran; 0 after Dispose.</returns>
        /// <exception cref="TimException">Another thread polls (5031), this is inside a callback (5034), the client
        /// has not started (-1), or another one runs (6013).</exception>
        public int Poll(int maxJobs = 0, int timeoutMs = 0)
        {
            if (_disposed)
            {
                return 0;
            }
            Mine();
            // Before Start is over it is not known who ends the client.
            int ran = _startingThread == 0 ? PollOnce(maxJobs, timeoutMs) : TimCode.Sdkuninit;
            if (ran < 0 && !_disposed)
            {
                // The six codes of functions are negative; all others come as their negative.
                throw new TimException(ran >= TimCode.Group ? ran : -ran, "tim_poll");
            }
            return Math.Max(ran, 0);
        }

        int PollOnce(int maxJobs, int timeoutMs)
        {
            int me = Environment.CurrentManagedThreadId;
            if (_pollingThread == me)
            {
                return -TimCode.InCallback;
            }
            lock (s_lock)
            {
                if (_pollingThread != 0)
                {
                    return -TimCode.Busy;
                }
                _pollingThread = me;
            }
            try
            {
                int ran = NativeMethods.tim_poll(maxJobs, timeoutMs);
                // Disposed of by one of its callbacks: only now has it ended.
                if (_endsAfterCallback && !_ended)
                {
                    UnregisterEvents();
                    Ended();
                }
                return ran;
            }
            finally
            {
                _pollingThread = 0;
            }
        }

        void PollUntilDisposed()
        {
            int ran = 0;
            while (!_disposed && ran != TimCode.Sdkuninit)
            {
                ran = PollOnce(0, -1);
                // Somebody else polls, who should not.
                if (ran == -TimCode.Busy)
                {
                    Thread.Sleep(10);
                }
            }
        }

        /// <summary>
        /// tim_uninit. When it returns no event comes any more, and tasks that were pending have failed with 7009. In
        /// an event it returns at once, and all this happens when the event's handler returns; a second call, outside,
        /// waits for that. Where <see cref="TimOptions.EventContext"/> took the event, all happens at once, and only
        /// other handlers are not waited for.
        /// </summary>
        /// <remarks>It waits for a handler that runs: hold no lock that a handler wants.</remarks>
        public void Dispose()
        {
            int me = Environment.CurrentManagedThreadId;
            bool first;
            lock (s_lock)
            {
                bool starting = _startingThread != 0;
                first = !_disposed && s_current == this && !starting;
                _disposed = true;
                if (first)
                {
                    _endsAfterCallback = _pollingThread == me;
                    _endingThread = me;
                }
                else if (!_started || IsInside(me))
                {
                    return;
                }
            }
            if (first)
            {
                End();
            }
            if (_endsAfterCallback && _pollingThread == me)
            {
                return;
            }
            lock (s_lock)
            {
                while (!_ended || (_handlerThreads.Count > 0 && !_handlerThreads.Contains(me)))
                {
                    Monitor.Wait(s_lock);
                }
            }
        }

        void End()
        {
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            AppDomain.CurrentDomain.DomainUnload -= OnUnload;
            // New messages that wait are told inside of it, or after the callback.
            if (_initialised)
            {
                NativeMethods.tim_uninit();
            }
            if (_endsAfterCallback)
            {
                _endingThread = 0;
                return;
            }
            // What C has of this program's functions must be gone when the program's code goes, as it does when
            // Unity's editor loads it anew.
            UnregisterEvents();
            _poller?.Join();
            Ended();
        }

        void Ended()
        {
            lock (s_lock)
            {
                _ended = true;
                _endingThread = 0;
                s_current = null;
                Monitor.PulseAll(s_lock);
            }
        }

        void OnUnload(object sender, EventArgs e)
        {
            Dispose();
        }

        // A runtime that ends would stop the thread that polls wherever it is. But a handler may wait for something
        // that never comes now, and tim_uninit would wait for it. What it was told of is on disk.
        void OnExit(object sender, EventArgs e)
        {
            int me = Environment.CurrentManagedThreadId;
            if (!IsInside(me))
            {
                int end = Environment.TickCount + ExitMs;
                lock (s_lock)
                {
                    while (_handlerThreads.Exists(thread => thread != me))
                    {
                        int left = end - Environment.TickCount;
                        if (left <= 0 || !Monitor.Wait(s_lock, left))
                        {
                            return;
                        }
                    }
                    // No other thread begins one now.
                    _exiting = true;
                }
            }
            Dispose();
        }

        /// <summary>Sends a text to a user.</summary>
        public Task<Message> SendTextAsync(string userId, string text)
        {
            var message = new Message
            {
                ElemArray = new List<Elem> { new Elem { ElemType = ElemType.Text, TextElemContent = text } },
            };
            return MsgSendMessageAsync(userId, ConvType.C2C, message);
        }

        bool IsAnothers
        {
            get
            {
                TimClient current = s_current;
                return current != null && current != this;
            }
        }

        // Before a call: it must not reach into the session of another client of this process.
        void Mine()
        {
            if (IsAnothers)
            {
                throw new TimException(TimCode.SdkNotInitialized, "another client runs in this process");
            }
        }

        static void Check(int code, string function)
        {
            if (code != TimCode.Succ)
            {
                throw new TimException(code, function);
            }
        }

        // For whom C has something to tell.
        static TimClient Find(IntPtr number)
        {
            TimClient client = s_current;
            return client != null && client._number == number ? client : null;
        }

        internal static TimClient Find()
        {
            return s_current;
        }

        /// <param name="handlers">Asked when they are called, since one that was taken away must not be.</param>
        /// <param name="call">Calls one of them.</param>
        void Tell(Func<Delegate> handlers, Action<Delegate> call)
        {
            SynchronizationContext context = _options.EventContext;
            if (context == null)
            {
                CallEach(handlers, call);
                return;
            }
            context.Post(_ => CallEach(handlers, call, true), null);
        }

        void CallEach(Func<Delegate> handlers, Action<Delegate> call, bool posted = false)
        {
            int me = Environment.CurrentManagedThreadId;
            lock (s_lock)
            {
                // What C tells while it ends is told: messages would be lost otherwise.
                if ((posted && _disposed) || (_exiting && _endingThread != me))
                {
                    return;
                }
                _handlerThreads.Add(me);
            }
            try
            {
                foreach (Delegate one in handlers()?.GetInvocationList() ?? new Delegate[0])
                {
                    try
                    {
                        call(one);
                    }
                    catch (Exception e)
                    {
                        // It does not keep the others from what happened.
                        Report(this, e);
                    }
                }
            }
            finally
            {
                lock (s_lock)
                {
                    _handlerThreads.Remove(me);
                    Monitor.PulseAll(s_lock);
                }
            }
        }

        /// <param name="client">Whose it is; null: that is not known.</param>
        /// <param name="e">What was thrown.</param>
        internal static void Report(TimClient client, Exception e)
        {
            // The runtime ends.
            if (e is ThreadAbortException)
            {
                return;
            }
            try
            {
                Action<Exception> handler = client?.CallbackFailed;
                if (handler == null)
                {
                    Console.Error.WriteLine("libtim: a handler failed: " + e);
                }
                else
                {
                    handler(e);
                }
            }
            catch (Exception)
            {
                // Nothing may leave a callback of C.
            }
        }
    }

    public sealed partial class SdkConfig
    {
        // The caller's own stays as it is.
        internal SdkConfig InPollMode()
        {
            var copy = (SdkConfig)MemberwiseClone();
            copy.CallbackMode = "poll";
            return copy;
        }
    }
}
