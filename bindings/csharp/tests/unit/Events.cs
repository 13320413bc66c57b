// Which thread handlers run on, which are told, and what becomes of their exceptions.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading;
using Tim;

static partial class Unit
{
    // Before init lines come on the thread that causes them.
    static void LogHandlersMayFail()
    {
        var options = new TimOptions { Config = new SdkConfig { ServerUrl = "nonsense" } };
        using (var client = new TimClient(1, options))
        {
            var failures = new List<Exception>();
            client.Log += (level, line) => { throw new NotSupportedException(line); };
            client.CallbackFailed += failures.Add;
            Throws<TimException>(client.Start);
            True(failures.Count > 0 && failures.All(e => e is NotSupportedException), "told");
        }
    }

    // C must not keep functions of a program whose code may go, as it does in Unity's editor.
    static void NothingStaysRegistered()
    {
        FieldInfo told = typeof(TimClient).GetField("s_current", BindingFlags.Static | BindingFlags.NonPublic);
        foreach (bool stays in new[] { true, false })
        {
            var client = new TimClient(1, new TimOptions { Config = new SdkConfig { ServerUrl = "nonsense" } });
            int lines = 0;
            client.Log += (level, line) => lines++;
            Throws<TimException>(client.Start);
            True(lines > 0, "a line");
            Same(null, told.GetValue(null));
            lines = 0;
            // As if nobody had forgotten the client, so that a callback that C still has would find it.
            told.SetValue(null, client);
            if (stays)
            {
                NativeMethods.tim_set_log_callback(LogCallback(), Number(client));
            }
            NativeMethods.tim_init(0, Encoding.UTF8.GetBytes("{}\0"));
            NativeMethods.tim_set_log_callback(null, IntPtr.Zero);
            told.SetValue(null, null);
            Same(stays, lines > 0);
        }
    }

    static tim_log_callback LogCallback()
    {
        return (tim_log_callback)typeof(TimClient).GetField("s_onLog", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
    }

    static IntPtr Number(TimClient client)
    {
        return (IntPtr)typeof(TimClient).GetField("_number", BindingFlags.Instance | BindingFlags.NonPublic).GetValue(client);
    }

    sealed class Posted : SynchronizationContext
    {
        public readonly BlockingCollection<Action> Actions = new BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state)
        {
            Actions.Add(() => callback(state));
        }
    }

    static void EventsGoToTheirContext()
    {
        var context = new Posted();
        TimOptions options = Nowhere();
        options.EventContext = context;
        int told = 0, me = Environment.CurrentManagedThreadId, thread = 0;
        Action next;
        using (var client = new TimClient(1, options))
        {
            client.NetworkStatus += (status, code, desc) =>
            {
                told++;
                thread = Environment.CurrentManagedThreadId;
            };
            client.Start();
            True(context.Actions.TryTake(out next, 60000), "posted");
            Same(0, told);
            next();
            Same(1, told);
            Same(me, thread);
            True(context.Actions.TryTake(out next, 60000), "posted again");
        }
        // After Dispose nothing is told, though it was posted before.
        next();
        Same(1, told);
    }

    static void HandlersThatWentAreNotTold()
    {
        var context = new Posted();
        TimOptions options = Nowhere();
        options.EventContext = context;
        using (var client = new TimClient(1, options))
        {
            int stayed = 0, went = 0;
            Action<NetworkStatus, int, string> goes = (status, code, desc) => went++;
            client.NetworkStatus += goes;
            client.NetworkStatus += (status, code, desc) => stayed++;
            client.Start();
            Action next;
            True(context.Actions.TryTake(out next, 60000), "posted");
            // After it was posted.
            client.NetworkStatus -= goes;
            next();
            Same(1, stayed);
            Same(0, went);
        }
    }

    static void PollingInAnEventIsRefused()
    {
        TimOptions options = Nowhere();
        options.PollThread = false;
        using (var client = new TimClient(1, options))
        {
            TimException refused = null;
            client.NetworkStatus += (status, code, desc) => refused = refused ?? Throws<TimException>(() => client.Poll());
            client.Start();
            DateTime end = DateTime.UtcNow.AddMinutes(1);
            while (refused == null && DateTime.UtcNow < end)
            {
                client.Poll(timeoutMs: 100);
            }
            Same(TimCode.InCallback, refused?.Code);
            client.Dispose();
            Same(0, client.Poll());
        }
    }

    static void LateFailuresGoToTheirClient()
    {
        var context = new Posted();
        TimOptions options = Nowhere();
        options.EventContext = context;
        var client = new TimClient(1, options);
        var failures = new List<Exception>();
        client.CallbackFailed += failures.Add;
        client.NetworkStatus += (status, code, desc) =>
        {
            client.Dispose();
            using (var other = new TimClient(1, Nowhere()))
            {
                other.CallbackFailed += e => { throw new Exception("not its own", e); };
                other.Start();
                throw new NotSupportedException("late");
            }
        };
        client.Start();
        Action next;
        True(context.Actions.TryTake(out next, 60000), "posted");
        next();
        Same("late", failures.Single().Message);
    }

    static void EachHandlerIsCalled()
    {
        using (var client = new TimClient(1, Nowhere()))
        {
            var failures = new ConcurrentQueue<Exception>();
            var told = new ManualResetEventSlim();
            client.CallbackFailed += failures.Enqueue;
            client.NetworkStatus += (status, code, desc) => { throw new NotSupportedException("the first one"); };
            client.NetworkStatus += (status, code, desc) => told.Set();
            client.Start();
            True(told.Wait(60000), "the second one");
            True(failures.Count > 0 && failures.All(e => e is NotSupportedException), "told");
        }
    }
}
