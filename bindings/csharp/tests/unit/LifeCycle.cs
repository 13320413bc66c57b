// From Start to Dispose, in whatever order and on whatever threads.
using System;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Tim;

static partial class Unit
{
    static void AFailedStartSaysWhy()
    {
        var options = new TimOptions { Config = new SdkConfig { ServerUrl = "nonsense" } };
        var client = new TimClient(1, options);
        TimException failed = Throws<TimException>(client.Start);
        Same(TimCode.Param, failed.Code);
        True(failed.Description.Contains("\"nonsense\" cannot be used"), failed.Description);
        Same(null, TimClient.Current);
        Same(LoginStatus.UnLogined, client.LoginStatus);
        Same(0, client.Poll());
        Throws<InvalidOperationException>(client.Start);
        client.Dispose();
        client.Dispose();
    }

    static void ADisposedClientDoesNotStart()
    {
        var client = new TimClient(1, Nowhere());
        client.Dispose();
        Throws<ObjectDisposedException>(client.Start);
        Same(null, TimClient.Current);
        Same(LoginStatus.UnLogined, client.LoginStatus);
        AnotherWorks();
    }

    static void AnotherWorks()
    {
        using (var client = new TimClient(1, Nowhere()))
        {
            client.Start();
            Same(client, TimClient.Current);
            Same(TimCode.SdkNotLoggedIn, Failed(client.ConvGetConvListAsync()).Code);
        }
        Same(null, TimClient.Current);
    }

    // Whichever comes first, the client has ended afterwards.
    static void StartAndDisposeTakeTurns()
    {
        for (int i = 0; i < 50; i++)
        {
            var client = new TimClient(1, Nowhere());
            Exception odd = null;
            var starts = new Thread(() =>
            {
                try
                {
                    client.Start();
                }
                catch (ObjectDisposedException)
                {
                }
                catch (Exception e)
                {
                    odd = e;
                }
            });
            starts.Start();
            Thread.SpinWait(i * 2000);
            Task disposes = Task.Run(() => client.Dispose());
            True(starts.Join(60000) && disposes.Wait(60000), "both return");
            Same(null, odd);
            Same(null, TimClient.Current);
            Throws<InvalidOperationException>(client.Start);
        }
        AnotherWorks();
    }

    // Where tim_init says in the log what it does not like, on the thread that starts it and on another one.
    static void DisposeWhileStarting()
    {
        foreach (bool elsewhere in new[] { false, true })
        {
            var client = new TimClient(1, new TimOptions { Config = new SdkConfig { ServerUrl = "nonsense" } });
            Task disposes = null;
            bool waits = true;
            client.Log += (level, line) =>
            {
                if (disposes == null && elsewhere)
                {
                    disposes = Task.Run(() => client.Dispose());
                    waits = Until(() => IsDisposed(client)) && !disposes.IsCompleted;
                }
                else if (disposes == null)
                {
                    client.Dispose();
                    disposes = Task.CompletedTask;
                }
            };
            Throws<TimException>(client.Start);
            True(disposes != null && disposes.Wait(60000), "Dispose returns");
            True(waits, "it waits for Start");
            AnotherWorks();
        }
    }

    // The first event comes while Start still runs, or after it: often enough it is the former.
    static void StartWaitsForNoHandler()
    {
        for (int i = 0; i < 200; i++)
        {
            TimOptions options = Nowhere();
            options.PollThread = i % 2 == 0;
            var client = new TimClient(1, options);
            var started = new ManualResetEventSlim();
            var returned = new TaskCompletionSource<bool>();
            client.NetworkStatus += (status, code, desc) =>
            {
                client.Dispose();
                returned.TrySetResult(started.Wait(60000));
            };
            Task polling = options.PollThread ? Task.CompletedTask : Task.Run(() => PollUntil(client, () => returned.Task.IsCompleted));
            client.Start();
            started.Set();
            True(returned.Task.Wait(60000) && returned.Task.Result, "Start returns while the handler runs");
            True(polling.Wait(60000), "polling ends");
            client.Dispose();
            Same(null, TimClient.Current);
        }
    }

    // Begins before Start, where there is nothing to poll, and goes on when others poll.
    static void PollUntil(TimClient client, Func<bool> done)
    {
        while (!done())
        {
            try
            {
                client.Poll(0, 1);
            }
            catch (TimException e) when (e.Code == TimCode.Sdkuninit || e.Code == TimCode.Busy)
            {
                Thread.Yield();
            }
        }
    }

    static void OneThreadPolls()
    {
        foreach (bool pollThread in new[] { true, false })
        {
            using (var inside = new Inside(client => { }, pollThread))
            {
                Same(TimCode.Busy, Throws<TimException>(() => inside.Client.Poll()).Code);
            }
        }
    }

    // Between tim_init and the end of Start there would be something.
    static void NobodyPollsBeforeStartIsOver()
    {
        TimOptions options = Nowhere();
        options.PollThread = false;
        using (var client = new TimClient(1, options))
        {
            client.Start();
            FieldInfo starting = typeof(TimClient).GetField("_startingThread", BindingFlags.Instance | BindingFlags.NonPublic);
            Same(0, starting.GetValue(client));
            starting.SetValue(client, -1);
            Same(TimCode.Sdkuninit, Throws<TimException>(() => client.Poll()).Code);
            starting.SetValue(client, 0);
            True(client.Poll() >= 0, "now it does");
        }
    }

    // Several threads poll, in turn.
    static void ADisposeInAHandlerIsThatOfWhoPolls()
    {
        for (int i = 0; i < 50; i++)
        {
            TimOptions options = Nowhere();
            options.PollThread = false;
            var client = new TimClient(1, options);
            TimClient current = null;
            var returned = new TaskCompletionSource<bool>();
            client.NetworkStatus += (status, code, desc) =>
            {
                client.Dispose();
                // It has not ended before this has returned.
                current = (TimClient)typeof(TimClient).GetField("s_current", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
                returned.TrySetResult(true);
            };
            Task[] polling = Enumerable.Range(0, 4).Select(_ => Task.Run(() => PollUntil(client, () => returned.Task.IsCompleted))).ToArray();
            client.Start();
            True(Task.WaitAll(polling, 60000), "polling ends");
            Same(client, current);
            client.Dispose();
            Same(null, TimClient.Current);
        }
    }

    static bool IsDisposed(TimClient client)
    {
        return (bool)typeof(TimClient).GetField("_disposed", BindingFlags.Instance | BindingFlags.NonPublic).GetValue(client);
    }

    // A client that is told of its network, where the handler stays until it may go on.
    sealed class Inside : IDisposable
    {
        public readonly TimClient Client;
        public readonly ManualResetEventSlim Entered = new ManualResetEventSlim(), Go = new ManualResetEventSlim();
        readonly Task _polling = Task.CompletedTask;
        bool _first = true;
        volatile bool _returned;

        public Inside(Action<TimClient> first, bool pollThread)
        {
            TimOptions options = Nowhere();
            options.PollThread = pollThread;
            Client = new TimClient(1, options);
            Client.NetworkStatus += (status, code, desc) =>
            {
                if (_first)
                {
                    _first = false;
                    first(Client);
                    Entered.Set();
                    Go.Wait();
                    _returned = true;
                }
            };
            Client.Start();
            if (!pollThread)
            {
                _polling = Task.Run(() =>
                {
                    while (!_returned)
                    {
                        Client.Poll(0, 1000);
                    }
                });
            }
            True(Entered.Wait(60000), "told");
        }

        public bool Returned => _returned;

        public void Dispose()
        {
            Go.Set();
            True(_polling.Wait(60000), "polling ends");
            Client.Dispose();
        }
    }

    static void ASecondDisposeWaits()
    {
        foreach (bool pollThread in new[] { true, false })
        {
            using (var inside = new Inside(client => client.Dispose(), pollThread))
            {
                bool returned = false;
                var second = new Thread(() =>
                {
                    inside.Client.Dispose();
                    returned = inside.Returned;
                });
                second.Start();
                True(Until(() => second.ThreadState == ThreadState.WaitSleepJoin || !second.IsAlive), "the second call");
                inside.Go.Set();
                True(second.Join(60000), "it returns");
                True(returned, "after the handler");
                Same(null, TimClient.Current);
            }
        }
    }

    static void TheNextStartsAfterTheHandler()
    {
        foreach (bool pollThread in new[] { true, false })
        {
            InvalidOperationException refused = null;
            Action<TimClient> first = client =>
            {
                client.Dispose();
                refused = Throws<InvalidOperationException>(new TimClient(1, Nowhere()).Start);
            };
            using (var inside = new Inside(first, pollThread))
            {
                True(refused.Message.Contains("when this handler has returned"), refused.Message);
                // Elsewhere it waits for that.
                Task<bool> next = Task.Run(() =>
                {
                    AnotherWorks();
                    return inside.Returned;
                });
                inside.Go.Set();
                True(next.Wait(60000) && next.Result, "the next one works");
            }
        }
    }

    static void DisposeWaitsForPostedHandlers()
    {
        var context = new Posted();
        TimOptions options = Nowhere();
        options.EventContext = context;
        var client = new TimClient(1, options);
        var go = new ManualResetEventSlim();
        bool returned = false, after = false, inTime = false;
        client.NetworkStatus += (status, code, desc) =>
        {
            Task disposes = Task.Run(() =>
            {
                client.Dispose();
                after = returned;
                go.Set();
            });
            True(Until(() => TimClient.Current == null), "disposed of");
            // Here it waits for nobody.
            client.Dispose();
            inTime = !disposes.IsCompleted;
            returned = true;
        };
        client.Start();
        Action next;
        True(context.Actions.TryTake(out next, 60000), "posted");
        next();
        True(go.Wait(60000), "Dispose returns");
        True(inTime && after, "after the handler");
    }

    static void OnlyTheClientThatRunsPolls()
    {
        TimOptions options = Nowhere();
        options.PollThread = false;
        using (var client = new TimClient(1, options))
        using (var other = new TimClient(1))
        {
            Same(TimCode.Sdkuninit, Throws<TimException>(() => client.Poll()).Code);
            int told = 0;
            client.NetworkStatus += (status, code, desc) => told++;
            client.Start();
            Same(TimCode.SdkNotInitialized, Throws<TimException>(() => other.Poll(0, 1000)).Code);
            Same(0, told);
            client.Poll(0, 60000);
            True(Until(() => client.Poll(0, 100) >= 0 && told > 0), "told");
        }
    }

    static void ConfigsStayAsTheyAre()
    {
        TimOptions options = Nowhere();
        options.Config.CallbackMode = "thread";
        using (var client = new TimClient(1, options))
        {
            client.Start();
            Same("thread", options.Config.CallbackMode);
        }
    }

    // A program of its own, which csharp.sh runs: it ends though a handler waits for a lock that it holds.
    static void BlockedAtExit()
    {
        var client = new TimClient(1, Nowhere());
        var entered = new ManualResetEventSlim();
        var wanted = new object();
        client.NetworkStatus += (status, code, desc) =>
        {
            entered.Set();
            lock (wanted)
            {
            }
        };
        lock (wanted)
        {
            client.Start();
            True(entered.Wait(60000), "told");
            Environment.Exit(3);
        }
    }
}
