// What bindings/scenarios.txt lists, in C#. tests/scenarios.rs runs it.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Tim;

static class Scenarios
{
    static readonly string Bot = Env("TIM_BOT"), User = Env("TIM_USER"), UserSig = Env("TIM_USER_SIG");
    const int Patience = 60000;

    static readonly Dictionary<string, Action> All = new Dictionary<string, Action>
    {
        { "login", Login },
        { "refused_ticket", RefusedTicket },
        { "chat", Chat },
        { "history", History },
        { "kicked", Kicked },
        { "expired", Expired },
        { "account_switch", AccountSwitch },
        { "ten_thousand", TenThousand },
        { "uninit_in_callback", UninitInCallback },
        { "exit_while_busy", ExitWhileBusy },
        { "bad_arguments", BadArguments },
    };

    static int Main(string[] args)
    {
        if (args.Length == 1 && args[0] == "list")
        {
            Console.WriteLine(string.Join("\n", All.Keys));
            return 0;
        }
        Action scenario;
        if (args.Length != 1 || !All.TryGetValue(args[0], out scenario))
        {
            Console.Error.WriteLine("usage: scenarios.exe list | NAME");
            return 2;
        }
        if (Env("TIM_GC_STRESS") != null)
        {
            new Thread(CollectGarbage) { IsBackground = true }.Start();
        }
        try
        {
            scenario();
            return 0;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            return 1;
        }
    }

    // Mono stops threads with signals for it, those of the library too.
    static void CollectGarbage()
    {
        while (true)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(1);
        }
    }

    // ---- the scenarios ----

    static void Login()
    {
        for (int i = 0; i < 2; i++)
        {
            using (var me = new Person())
            {
                me.LogIn();
                Same(LoginStatus.Logined, me.Client.LoginStatus);
                Same(User, me.Client.LoginUserId);
                Same(0, Done(me.Client.ConvGetTotalUnreadMessageCountAsync()).UnreadCount);
                Done(me.Client.LogoutAsync());
                Same(LoginStatus.UnLogined, me.Client.LoginStatus);
                Same("", me.Client.LoginUserId);
            }
        }
    }

    static void RefusedTicket()
    {
        using (var me = new Person())
        {
            TimException refused = Refused(TimCode.UserSigExpired, me.Client.LoginAsync(User, Env("TIM_EXPIRED_SIG")));
            True(refused.Description.Length > 0, "a text");
            Same(6206, refused.Code);
            Same(LoginStatus.UnLogined, me.Client.LoginStatus);
            me.LogIn();
        }
    }

    static void Chat()
    {
        using (var me = new Person())
        {
            me.LogIn();
            Message sent = Done(me.Client.SendTextAsync(Bot, "echo hello"));
            True(!string.IsNullOrEmpty(sent.MsgId), "an id");
            Same(MsgStatus.SendSucc, sent.Status);
            Message answer = me.Next();
            Same("hello", TextOf(answer));
            Done(me.Client.MsgReportReadedAsync(Bot, ConvType.C2C, answer));
            ConvInfo conv = Done(me.Client.ConvGetConvListAsync()).Single(c => c.Id == Bot);
            Same("hello", TextOf(conv.LastMsg));
            Same(0UL, conv.UnreadNum);
        }
    }

    static void History()
    {
        using (var me = new Person())
        {
            me.LogIn();
            for (int i = 1; i <= 25; i++)
            {
                Done(me.Client.SendTextAsync(Bot, i.ToString()));
            }
            var query = new MsgGetMsgListParam { Count = 20, IsRamble = true };
            List<Message> newest = Done(me.Client.MsgGetMsgListAsync(Bot, ConvType.C2C, query));
            Same(string.Join(" ", Enumerable.Range(6, 20).Reverse()), string.Join(" ", newest.Select(TextOf)));
            query.LastMsg = newest.Last();
            List<Message> before = Done(me.Client.MsgGetMsgListAsync(Bot, ConvType.C2C, query));
            Same("5 4 3 2 1", string.Join(" ", before.Select(TextOf)));
        }
    }

    static void Kicked()
    {
        using (var me = new Person())
        {
            var kicked = new Counter();
            me.Client.KickedOffline += kicked.Add;
            me.LogIn();
            Done(me.Client.SendTextAsync(Bot, "kick me"));
            kicked.WaitFor(1);
            Same(LoginStatus.UnLogined, me.Client.LoginStatus);
            // A second one would be told by the time that something else has come and gone.
            me.LogIn();
            me.Echo("still");
            Same(1, kicked.Count);
        }
    }

    static void Expired()
    {
        using (var me = new Person())
        {
            var expired = new Counter();
            me.Client.UserSigExpired += expired.Add;
            me.LogIn();
            Done(me.Client.SendTextAsync(Bot, "ticket 2"));
            Done(me.Client.LoginAsync(User, TextOf(me.Next())));
            expired.WaitFor(1);
            me.LogIn();
            me.Echo("again");
            Same(1, expired.Count);
        }
    }

    static void AccountSwitch()
    {
        using (var me = new Person())
        {
            me.LogIn();
            Done(me.Client.SendTextAsync(Bot, "1"));
            Done(me.Client.LogoutAsync());

            Done(me.Client.LoginAsync(Env("TIM_OTHER"), Env("TIM_OTHER_SIG")));
            Same(0, Done(me.Client.ConvGetConvListAsync()).Count);
            var query = new MsgGetMsgListParam { Count = 20, IsRamble = true };
            Same(0, Done(me.Client.MsgGetMsgListAsync(Bot, ConvType.C2C, query)).Count);
            me.Echo("mine");
            Done(me.Client.LogoutAsync());

            me.LogIn();
            List<Message> history = Done(me.Client.MsgGetMsgListAsync(Bot, ConvType.C2C, query));
            Same("1", string.Join(" ", history.Select(TextOf)));
        }
    }

    static void TenThousand()
    {
        using (var me = new Person())
        {
            me.LogIn();
            Done(me.Client.SendTextAsync(Bot, "send 10000"));
            for (int i = 1; i <= 10000; i++)
            {
                Same(i.ToString(), TextOf(me.Next()));
            }
            me.Echo("done");
        }
    }

    static void UninitInCallback()
    {
        using (var first = new Person())
        {
            var disposed = new Counter();
            first.Client.RecvNewMsg += messages =>
            {
                first.Client.Dispose();
                disposed.Add();
            };
            first.LogIn();
            Done(first.Client.SendTextAsync(Bot, "echo x"));
            disposed.WaitFor(1);
            Refused(TimCode.SdkNotInitialized, first.Client.LoginAsync(User, UserSig));
            Throws(TimCode.Sdkuninit, first.Client.Suspend);
        }
        using (var second = new Person())
        {
            second.LogIn();
            second.Echo("y");
        }
        // The same again, and the next client started by another thread before the callback has returned.
        using (var third = new Person())
        {
            Task<Person> next = null;
            var begun = new Counter();
            third.Client.RecvNewMsg += messages =>
            {
                third.Client.Dispose();
                // Here it cannot be: the client ends afterwards.
                Throws<InvalidOperationException>(() => new Person());
                next = Task.Run(() => new Person());
                begun.Add();
            };
            third.LogIn();
            Done(third.Client.SendTextAsync(Bot, "echo z"));
            begun.WaitFor(1);
            using (Person fourth = Done(next))
            {
                fourth.LogIn();
                fourth.Echo("at last");
            }
        }
    }

    static void ExitWhileBusy()
    {
        var me = new Person();
        me.LogIn();
        for (int i = 0; i < 100; i++)
        {
            me.Client.SendTextAsync(Bot, "busy " + i);
        }
        // Neither awaited nor disposed of.
    }

    static void BadArguments()
    {
        using (var early = new TimClient(1))
        {
            Refused(TimCode.SdkNotInitialized, early.LoginAsync(User, UserSig));
            Throws(TimCode.Sdkuninit, early.Suspend);
        }
        using (var me = new Person())
        {
            me.LogIn();
            Refused(TimCode.Param, me.Client.SendTextAsync(null, "x"));
            Refused(TimCode.Param, me.Client.SendTextAsync("", "x"));
            Refused(TimCode.Conv, me.Client.MsgSendMessageAsync(Bot, (ConvType)99, new Message()));
            Refused(TimCode.Param, me.Client.MsgSendMessageAsync(Bot, ConvType.C2C, null));
            Refused(TimCode.Param, me.Client.CallExperimentalApiAsync(null));
            Refused(TimCode.Json, me.Client.CallExperimentalApiAsync("no JSON"));
            Refused(TimCode.Json, me.Client.CallExperimentalApiAsync("{\"request_internal_operation\":"));
            // What C# can have that is no UTF-8: half of a surrogate pair. A NUL would cut a text short.
            Refused(TimCode.Param, me.Client.SendTextAsync("\ud800", "x"));
            Refused(TimCode.Json, me.Client.SendTextAsync(Bot, "half \ud800"));
            Refused(TimCode.Param, me.Client.SendTextAsync(Bot + "\0", "x"));
            Throws<ArgumentException>(() => Done(me.Client.MsgSendMessageAsync(Bot, ConvType.C2C, new Message
            {
                ElemArray = new List<Elem> { new Elem { ElemType = ElemType.Location, LocationElemLatitude = double.NaN } },
            })));
            Throws<InvalidOperationException>(() => new TimClient(1).Start());
            me.Echo("still");
        }
    }

    // ---- what they have in common ----

    /// <summary>A client of TIM_USER, with its messages.</summary>
    sealed class Person : IDisposable
    {
        readonly BlockingCollection<Message> _messages = new BlockingCollection<Message>();
        public readonly TimClient Client;

        public Person()
        {
            var options = new TimOptions
            {
                Config = new SdkConfig
                {
                    ConfigFilePath = Path.Combine(Env("TIM_DIR"), "data"),
                    LogFilePath = Path.Combine(Env("TIM_DIR"), "log"),
                },
            };
            Client = new TimClient(ulong.Parse(Env("TIM_APP_ID")), options);
            Client.RecvNewMsg += messages => messages.ForEach(_messages.Add);
            Client.CallbackFailed += e => Environment.FailFast("a callback failed: " + e);
            Client.Start();
        }

        public void LogIn()
        {
            Done(Client.LoginAsync(User, UserSig));
        }

        public Message Next()
        {
            Message message;
            True(_messages.TryTake(out message, Patience), "a message in a minute");
            return message;
        }

        public void Echo(string word)
        {
            Done(Client.SendTextAsync(Bot, "echo " + word));
            Same(word, TextOf(Next()));
        }

        public void Dispose()
        {
            Client.Dispose();
        }
    }

    sealed class Counter
    {
        int _count;

        public int Count
        {
            get
            {
                lock (this)
                {
                    return _count;
                }
            }
        }

        public void Add()
        {
            lock (this)
            {
                _count++;
                Monitor.PulseAll(this);
            }
        }

        public void WaitFor(int count)
        {
            DateTime end = DateTime.UtcNow.AddMilliseconds(Patience);
            lock (this)
            {
                while (_count < count)
                {
                    TimeSpan left = end - DateTime.UtcNow;
                    True(left > TimeSpan.Zero && Monitor.Wait(this, left), "told in a minute");
                }
            }
        }
    }

    static string TextOf(Message message)
    {
        return message.ElemArray.Single().TextElemContent;
    }

    static string Env(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    static void Done(Task task)
    {
        // Not Wait: it would hide the exception in another one.
        True(Task.WaitAny(new[] { task }, Patience) == 0, "a completion in a minute");
        task.GetAwaiter().GetResult();
    }

    static T Done<T>(Task<T> task)
    {
        Done((Task)task);
        return task.Result;
    }

    static TimException Refused(int code, Task task)
    {
        return Throws(code, () => Done(task));
    }

    static TimException Throws(int code, Action action)
    {
        TimException thrown = Throws<TimException>(action);
        Same(code, thrown.Code);
        return thrown;
    }

    static T Throws<T>(Action action) where T : Exception
    {
        try
        {
            action();
        }
        catch (T e)
        {
            return e;
        }
        throw new Exception("no " + typeof(T).Name);
    }

    static void Same<T>(T wanted, T found)
    {
        True(EqualityComparer<T>.Default.Equals(wanted, found), $"{wanted} expected, not {found}");
    }

    static void True(bool condition, string what)
    {
        if (!condition)
        {
            throw new Exception(what);
        }
    }
}
