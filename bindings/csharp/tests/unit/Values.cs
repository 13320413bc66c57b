// JSON objects, and what is no JSON.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Tim;

static partial class Unit
{
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
}
