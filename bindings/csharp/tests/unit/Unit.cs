// The parts of the wrapper that need no server. Compiled together with its sources; the library must be found.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Tim;

static partial class Unit
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

    // Nobody listens there, which is told.
    static TimOptions Nowhere()
    {
        return new TimOptions { Config = new SdkConfig { ServerUrl = "wss://127.0.0.1:1" } };
    }

    static bool Until(Func<bool> condition)
    {
        return SpinWait.SpinUntil(condition, 60000);
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
