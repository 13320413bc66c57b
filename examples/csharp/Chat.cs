// A terminal chat: chat.exe APP_ID ME MY_TICKET PEER, with TIM_SERVER_URL and TIM_SERVER_CA set. Each line that is
// typed is sent; an empty one ends it.
using System;
using System.Collections.Generic;
using Tim;

static class Chat
{
    static int Main(string[] args)
    {
        if (args.Length != 4)
        {
            Console.Error.WriteLine("usage: chat.exe APP_ID ME MY_TICKET PEER");
            return 2;
        }
        string me = args[1], peer = args[3];
        using (var client = new TimClient(ulong.Parse(args[0])))
        {
            client.RecvNewMsg += Print;
            client.KickedOffline += () => Console.WriteLine("-- you logged in elsewhere");
            client.NetworkStatus += (status, code, desc) => Console.WriteLine($"-- {status} {desc}");
            try
            {
                client.Start();
                client.LoginAsync(me, args[2]).GetAwaiter().GetResult();
                Console.WriteLine($"-- you are {me}, writing to {peer}");
                string line;
                while (!string.IsNullOrEmpty(line = Console.ReadLine()))
                {
                    client.SendTextAsync(peer, line).GetAwaiter().GetResult();
                }
                return 0;
            }
            catch (TimException e)
            {
                Console.Error.WriteLine(e.Message);
                return 1;
            }
        }
    }

    // On the client's own thread, while the main one waits for a line.
    static void Print(List<Message> messages)
    {
        foreach (Message message in messages)
        {
            foreach (Elem elem in message.ElemArray)
            {
                Console.WriteLine(message.Sender + ": " + (elem.TextElemContent ?? "(" + elem.ElemType + ")"));
            }
        }
    }
}
