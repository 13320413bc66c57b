// The receiver of benches/wrappers/receive.c in C#, for `make bench BENCH=wrappers`. On Linux, for its clocks.
using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Tim;

static class Receive
{
    const int ProcessTime = 2, ThreadTime = 3;

    struct Time
    {
        public IntPtr Seconds, Nanoseconds;
    }

    [DllImport("libc")]
    static extern int clock_gettime(int clock, out Time time);

    static double Now(int clock)
    {
        Time time;
        clock_gettime(clock, out time);
        return (double)time.Seconds * 1e9 + (double)time.Nanoseconds;
    }

    static string Env(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    static void Main()
    {
        long count = long.Parse(Env("TIM_BENCH_COUNT")), seen = 0, characters = 0;
        double inside = 0, process = Now(ProcessTime);
        var config = new SdkConfig { ConfigFilePath = Env("TIM_BENCH_DATA"), LogFilePath = Env("TIM_BENCH_DATA") };
        using (var client = new TimClient(ulong.Parse(Env("TIM_APP_ID")), new TimOptions { PollThread = false, Config = config }))
        {
            client.RecvNewMsg += messages =>
            {
                foreach (Message message in messages)
                {
                    characters += message.Sender.Length + message.ElemArray[0].TextElemContent.Length;
                    if (message.Seq > 0)
                    {
                        seen++;
                    }
                }
            };
            client.Start();
            Task login = client.LoginAsync(Env("TIM_USER"), Env("TIM_USER_SIG"));
            while (!login.IsCompleted || seen < count)
            {
                double begun = Now(ThreadTime);
                client.Poll(0, 50);
                inside += Now(ThreadTime) - begun;
                if (login.IsFaulted)
                {
                    login.GetAwaiter().GetResult();
                }
            }
            process = Now(ProcessTime) - process;
            if (count > 0 && characters > 0)
            {
                Console.WriteLine($"{inside / count:F0} {process / count:F0}");
            }
        }
    }
}
