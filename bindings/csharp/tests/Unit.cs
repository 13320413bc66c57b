// The parts of the wrapper that need no server. Compiled together with its sources; the library must be found.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Tim;

static class Unit
{
    static int s_checks;

    static int Main(string[] args)
    {
        if (args.Length == 1 && args[0] == "blocked-at-exit")
        {
            BlockedAtExit();
        }
        // Numbers are written with commas there.
        Thread.CurrentThread.CurrentCulture = new CultureInfo("de-DE");
        var tests = new Action[]
        {
            AbsentStaysAbsent, EveryKindOfValueComesBack, UnknownKeysAreLeftOut, TheLastOfTwoKeysCounts, EscapedKeysAreKeys,
            TextsComeBack, HalvesOfSurrogatePairs, NumbersHaveBounds, DepthHasABound, EveryBeginningOfATextIsRefused,
            OtherTextsAreReadOrRefused, WhatIsNoJsonIsRefused, NumbersAreCheckedAsJson, AMessageInItselfIsRefused,
            VersionsAgree, TextsGoThroughC, RefusedCallsFailTheirTasks, NothingWaitsForEver, LogHandlersMayFail,
            AFailedStartSaysWhy, NothingStaysRegistered, EventsGoToTheirContext, HandlersThatWentAreNotTold,
            PollingInAnEventIsRefused,
            ADisposedClientDoesNotStart, StartAndDisposeTakeTurns, DisposeWhileStarting, StartWaitsForNoHandler,
            OneThreadPolls, NobodyPollsBeforeStartIsOver, ADisposeInAHandlerIsThatOfWhoPolls, ASecondDisposeWaits,
            TheNextStartsAfterTheHandler, DisposeWaitsForPostedHandlers, LateFailuresGoToTheirClient, EachHandlerIsCalled,
            OnlyTheClientThatRunsPolls, ConfigsStayAsTheyAre,
        };
        foreach (Action test in tests)
        {
            try
            {
                test();
            }
            catch (Exception e)
            {
                Console.Error.WriteLine($"{test.Method.Name}: {e}");
                return 1;
            }
        }
        Console.WriteLine($"csharp unit: {tests.Length} passed, {s_checks} checks");
        return 0;
    }

    // ---- values ----

    static void AbsentStaysAbsent()
    {
        Same("{}", Message.FromJson("{}").ToJson());
        Same("{}", new Message().ToJson());
        Same("{}", Message.FromJson("{\"message_seq\":null,\"message_sender\":null,\"message_elem_array\":null}").ToJson());
        Same("{\"message_seq\":0,\"message_sender\":\"\",\"message_is_read\":false,\"message_elem_array\":[]}".Length,
            Message.FromJson("{\"message_seq\":0,\"message_sender\":\"\",\"message_is_read\":false,\"message_elem_array\":[]}").ToJson().Length);
        Same(null, Message.FromJson("null"));
    }

    static void EveryKindOfValueComesBack()
    {
        var message = new Message
        {
            ElemArray = new List<Elem>
            {
                new Elem { ElemType = ElemType.Text, TextElemContent = "hello" },
                new Elem { ElemType = ElemType.Location, LocationElemLongitude = -0.1, LocationElemLatitude = 1e-9 },
                new Elem { ElemType = ElemType.Merge, MergeElemMessageArray = new List<Message> { new Message { Sender = "x" } } },
                null,
            },
            UniqueId = ulong.MaxValue,
            CustomInt = uint.MaxValue,
            Status = MsgStatus.SendSucc,
            IsRead = true,
            GroupAtUserArray = new List<string> { "a", null, "ü" },
            RiskTypeIdentified = "[1,{\"x\":2.5}]",
        };
        string json = message.ToJson();
        Message back = Message.FromJson(json);
        Same(json, back.ToJson());
        Same(ulong.MaxValue, back.UniqueId);
        Same(1e-9, back.ElemArray[1].LocationElemLatitude);
        Same(null, back.ElemArray[3]);
        Same("[1,{\"x\":2.5}]", back.RiskTypeIdentified);
        var config = new SdkConfig { ServerPins = new List<string> { "p" }, LogKeptDays = long.MinValue };
        Same(long.MinValue, SdkConfig.FromJson(config.ToJson()).LogKeptDays);
        var marks = new ConvInfo { MarkArray = new List<ConversationMarkType> { ConversationMarkType.Star, (ConversationMarkType)(1UL << 63) } };
        Same("{\"conv_mark_array\":[1,9223372036854775808]}", marks.ToJson());
        Same(marks.ToJson(), ConvInfo.FromJson(marks.ToJson()).ToJson());
    }

    static void UnknownKeysAreLeftOut()
    {
        const string Json = " { \"a\" : [ 1 , {\"b\":[]} , \"]\\\"\" ] , \"message_seq\" : 7 , \"\" : null , \"z\":-1.5e+3 } ";
        Same("{\"message_seq\":7}", Message.FromJson(Json).ToJson());
    }

    static void TheLastOfTwoKeysCounts()
    {
        Same(2UL, Message.FromJson("{\"message_seq\":1,\"message_seq\":2}").Seq);
    }

    static void EscapedKeysAreKeys()
    {
        Same(1UL, Message.FromJson("{\"message\\u005fseq\":1}").Seq);
        Same(null, Message.FromJson("{\"message\\u005fseq\\u0000\":1}").Seq);
    }

    static void TextsComeBack()
    {
        var texts = new[]
        {
            "", "a", "\"\\/\b\f\n\r\t", "\u0001\u001f\u007f", "grüße", "\U0001f41f\u20ac", "\0", "\u2028", new string('x', 100000),
            new string('ü', 100000),
        };
        foreach (string text in texts)
        {
            var message = new Message { Sender = text };
            Same(text, Message.FromJson(message.ToJson()).Sender);
        }
        Same("\U0001f41f \"\\/\b\f\n\r\tä", Message.FromJson("{\"message_sender\":\"\\ud83d\\uDC1F \\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E4\"}").Sender);
    }

    static void HalvesOfSurrogatePairs()
    {
        Same("\ufffdx", Message.FromJson("{\"message_sender\":\"\\ud83dx\"}").Sender);
        Same("\ufffd", Message.FromJson("{\"message_sender\":\"\\udc1f\"}").Sender);
        Same("\ufffd\ufffd", Message.FromJson("{\"message_sender\":\"\\udc1f\\ud83d\"}").Sender);
        // Written they are escaped, for the library to refuse.
        Same("{\"message_sender\":\"\\ud83dx\"}", new Message { Sender = "\ud83dx" }.ToJson());
        // Bytes that are no UTF-8 either.
        var reader = new JsonReader(new byte[] { (byte)'"', 0xff, 0xc3, (byte)'"' }, 4);
        Same("\ufffd\ufffd", reader.ReadString());
    }

    static void NumbersHaveBounds()
    {
        Func<string, JsonReader> of = JsonReader.Of;
        Same(long.MaxValue, of("9223372036854775807").ReadInt64());
        Same(long.MinValue, of("-9223372036854775808").ReadInt64());
        Same(ulong.MaxValue, of("18446744073709551615").ReadUInt64());
        Same(0UL, of("-0").ReadUInt64());
        Same(int.MinValue, of("-2147483648").ReadInt32());
        Same(double.MaxValue, of("1.7976931348623157E+308").ReadDouble());
        Same(0.0, of("1e-400").ReadDouble());
        Wrong(() => of("9223372036854775808").ReadInt64());
        Wrong(() => of("-9223372036854775809").ReadInt64());
        Wrong(() => of("18446744073709551616").ReadUInt64());
        Wrong(() => of("99999999999999999999999999999999").ReadUInt64());
        Wrong(() => of("-1").ReadUInt64());
        Wrong(() => of("2147483648").ReadInt32());
        Wrong(() => of("4294967296").ReadUInt32());
        Wrong(() => of("1.0").ReadInt64());
        Wrong(() => of("1e2").ReadInt64());
        Wrong(() => of("1e400").ReadDouble());
        Wrong(() => of("\"1\"").ReadInt64());
    }

    static void DepthHasABound()
    {
        Func<int, string> arrays = n => new string('[', n) + new string(']', n);
        JsonReader.Of(arrays(128)).Skip();
        Wrong(() => JsonReader.Of(arrays(129)).Skip());
        Wrong(() => JsonReader.Of(new string('[', 10000000)).Skip());
        Wrong(() => JsonReader.Of(string.Concat(Enumerable.Repeat("{\"\":", 1000000))).Skip());
        // The values of this package nest as well.
        string open = "{\"message_elem_array\":[{\"merge_elem_message_array\":[", close = "]}]}";
        Func<int, string> merged = n => string.Concat(Enumerable.Repeat(open, n)) + string.Concat(Enumerable.Repeat(close, n));
        Message.FromJson(merged(32));
        Wrong(() => Message.FromJson(merged(33)));
        Wrong(() => Message.FromJson(merged(100000)));
    }

    const string Sample = "{\"message_elem_array\":[{\"elem_type\":0,\"text_elem_content\":\"h\\u00e4 \\\"x\\\" ü\"}]," +
        "\"message_is_read\":true,\"unknown\":[null,false,-12.5e-3,{\"a\":{}}],\"message_unique_id\":18446744073709551615}";

    static void EveryBeginningOfATextIsRefused()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Sample);
        Same(true, Message.FromJson(Sample).IsRead);
        for (int length = 0; length < bytes.Length; length++)
        {
            int end = length;
            Wrong(() => Message.Read(new JsonReader(bytes, end)));
        }
    }

    // Whatever bytes come: a value or a FormatException, and an end.
    static void OtherTextsAreReadOrRefused()
    {
        var random = new Random(1);
        byte[] sample = Encoding.UTF8.GetBytes(Sample);
        int read = 0, refused = 0;
        for (int round = 0; round < 50000; round++)
        {
            byte[] bytes = (byte[])sample.Clone();
            for (int change = random.Next(4); change >= 0; change--)
            {
                byte[] chosen = Encoding.ASCII.GetBytes("\"\\[]{}:,0-e.u ");
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : chosen[random.Next(chosen.Length)];
            }
            try
            {
                Message message = Message.Read(new JsonReader(bytes, bytes.Length));
                if (message != null)
                {
                    Message.FromJson(message.ToJson());
                }
                read++;
            }
            catch (FormatException)
            {
                refused++;
            }
        }
        True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    static void WhatIsNoJsonIsRefused()
    {
        var texts = new[]
        {
            "", " ", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{} {}", "{}x",
            "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":tru}", "{\"a\":TRUE}", "{\"a\":nul}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u\u0001123\"}", "{\"\n\":1}", "{\"a\":1]", "[]", "1", "\"\"", "{\"a\":/**/1}",
            "{\"message_seq\":\"1\"}", "{\"message_sender\":1}", "{\"message_is_read\":1}", "{\"message_elem_array\":{}}",
        };
        foreach (string text in texts)
        {
            Wrong(() => Message.FromJson(text), text);
        }
    }

    static void NumbersAreCheckedAsJson()
    {
        foreach (string text in new[] { "+1", "01", "-", "-01", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "--1", "1-" })
        {
            Wrong(() => Message.FromJson("{\"a\":" + text + "}"), text);
            Wrong(() => Message.FromJson("{\"message_seq\":" + text + "}"), text);
        }
        foreach (string text in new[] { "0", "-0", "0.5", "-1.25E-7", "1e9999" })
        {
            Same("{}", Message.FromJson("{\"a\":" + text + "}").ToJson());
        }
    }

    static void AMessageInItselfIsRefused()
    {
        var message = new Message { ElemArray = new List<Elem> { new Elem { MergeElemMessageArray = new List<Message>() } } };
        message.ElemArray[0].MergeElemMessageArray.Add(message);
        Throws<ArgumentException>(() => message.ToJson());
        Throws<ArgumentException>(() => new Elem { LocationElemLatitude = double.PositiveInfinity }.ToJson());
    }

    // ---- calls ----

    static void VersionsAgree()
    {
        Same(TimVersion.Header, TimClient.SdkVersion);
        Same("TIM_ERR_SDK_NOT_LOGGED_IN", TimClient.ErrorName(TimCode.SdkNotLoggedIn));
        True(TimClient.ServerTime > 1700000000, "a clock");
        JsonReader.Of(TimClient.GetStats()).Skip();
    }

    // Before init too, and then inside the call.
    static void TextsGoThroughC()
    {
        using (var client = new TimClient(1))
        {
            foreach (string text in new[] { "grüße \U0001f41f", "\"\\\n\u0001", "" })
            {
                SetConfig all = client.SetConfigAsync(new SetConfig { UserDefineData = text }).Result;
                Same(text, all.UserDefineData);
                Same(true, all.LogLevel.HasValue);
            }
        }
    }

    static void RefusedCallsFailTheirTasks()
    {
        using (var client = new TimClient(1))
        {
            Same(TimCode.SdkNotInitialized, Failed(client.LoginAsync("a", "b")).Code);
            TimException wrong = Failed(client.SetConfigAsync(new SetConfig { LogLevel = (LogLevel)99 }));
            Same(TimCode.InvalidParameters, wrong.Code);
            Same("TIM_ERR_INVALID_PARAMETERS", wrong.Name);
            True(wrong.Message.StartsWith($"{TimCode.InvalidParameters} TIM_ERR_INVALID_PARAMETERS: "), wrong.Message);
            Same(TimCode.Param, Failed(client.SetConfigAsync(null)).Code);
            Same(TimCode.Json, Failed(client.CallExperimentalApiAsync("[")).Code);
            Same(TimCode.Param, Failed(client.CallExperimentalApiAsync("\0")).Code);
            // Which one, and where it is told what is allowed.
            Same("tim_set_config refused an argument; tim.h says what each must be",
                Failed(client.SetConfigAsync(null)).Description);
            True(Failed(client.LoginAsync("a", "b")).Description.Length > 0, "a description");
            string id;
            Same(TimCode.SdkNotInitialized, Failed(client.MsgSendMessageAsync("b", ConvType.C2C, new Message(), out id)).Code);
            Same("", id);
        }
    }

    static void NothingWaitsForEver()
    {
        Same(0, Pending.Count);
    }

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

    // Nobody listens there, which is told.
    static TimOptions Nowhere()
    {
        return new TimOptions { Config = new SdkConfig { ServerUrl = "wss://127.0.0.1:1" } };
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

    // ---- from Start to Dispose ----

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

    static bool Until(Func<bool> condition)
    {
        return SpinWait.SpinUntil(condition, 60000);
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

    static TimException Failed(Task task)
    {
        return Throws<TimException>(() => task.GetAwaiter().GetResult());
    }

    static void Wrong(Action action, string what = null)
    {
        Throws<FormatException>(action, what);
    }

    static T Throws<T>(Action action, string what = null) where T : Exception
    {
        try
        {
            action();
        }
        catch (T e)
        {
            s_checks++;
            return e;
        }
        throw new Exception("no " + typeof(T).Name + " " + what);
    }

    static void Same<T>(T wanted, T found)
    {
        True(EqualityComparer<T>.Default.Equals(wanted, found), $"{wanted} expected, not {found}");
    }

    static void True(bool condition, string what)
    {
        s_checks++;
        if (!condition)
        {
            throw new Exception(what);
        }
    }
}
