// Calls that need no server: their arguments, and how they fail.
using System;
using Tim;

static partial class Unit
{
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
}
