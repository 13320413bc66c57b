using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Tim
{
    /// <summary>Reads JSON from the front to the end, without a tree of it. What is no JSON, or is nested deeper than
    /// 128, or is of another type than is asked for, is a FormatException; a number that is too large too.</summary>
    internal sealed unsafe class JsonReader
    {
        internal const int MaxDepth = 128;

        internal static readonly Func<JsonReader, string> Strings = json => json.ReadString();
        internal static readonly Func<JsonReader, string> Raws = json => json.ReadRaw();

        readonly byte[] _bytes;
        readonly int _end;
        int _at;
        int _depth;
        // No element of the innermost array or object has been read.
        bool _first;

        internal JsonReader(byte[] bytes, int length)
        {
            _bytes = bytes;
            _end = length;
        }

        internal static JsonReader Of(string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            return new JsonReader(bytes, bytes.Length);
        }

        /// <summary>The end: nothing but white space may follow.</summary>
        internal void End()
        {
            if (Peek() != '\0' || _at < _end)
            {
                throw Wrong("something after the end");
            }
        }

        /// <summary>Whether null comes next, which is then behind us.</summary>
        internal bool Null()
        {
            if (Peek() != 'n')
            {
                return false;
            }
            Word("null");
            return true;
        }

        internal void BeginObject()
        {
            Begin('{', "an object");
        }

        /// <summary>The number of the next key; 0 at the end of the object.</summary>
        /// <param name="keys">Those that there may be.</param>
        /// <param name="last">The number of the key before; 0 at the beginning of the object.</param>
        internal int NextKey(JsonKeys keys, int last)
        {
            if (AtEnd('}'))
            {
                return 0;
            }
            if (Peek() != '"')
            {
                throw Wrong("a key expected");
            }
            // Objects of a kind have their keys in the same order: mostly the one that came here the last time comes.
            int guess = keys.After[last];
            if (guess != 0 && IsNext(keys.Quoted[guess]))
            {
                _at += keys.Quoted[guess].Length;
                return guess;
            }
            string key = ReadString();
            if (Peek() != ':')
            {
                throw Wrong("a colon expected");
            }
            _at++;
            int number = keys.NumberOf(key);
            if (keys.Quoted[number] != null)
            {
                keys.After[last] = number;
            }
            return number;
        }

        bool IsNext(byte[] wanted)
        {
            int length = wanted.Length;
            if (length > _end - _at)
            {
                return false;
            }
            fixed (byte* a = &_bytes[_at], b = wanted)
            {
                int i = 0;
                for (; i + 4 <= length; i += 4)
                {
                    if (*(uint*)(a + i) != *(uint*)(b + i))
                    {
                        return false;
                    }
                }
                for (; i < length; i++)
                {
                    if (a[i] != b[i])
                    {
                        return false;
                    }
                }
            }
            return true;
        }

        /// <summary>An array, or null for null.</summary>
        internal List<T> ReadList<T>(Func<JsonReader, T> read)
        {
            if (Null())
            {
                return null;
            }
            var list = new List<T>();
            Begin('[', "an array");
            while (!AtEnd(']'))
            {
                list.Add(read(this));
            }
            return list;
        }

        internal bool? ReadBool()
        {
            switch (Peek())
            {
                case 't':
                    Word("true");
                    return true;
                case 'f':
                    Word("false");
                    return false;
                case 'n':
                    Word("null");
                    return null;
                default:
                    throw Wrong("true or false expected");
            }
        }

        internal int? ReadInt32()
        {
            long? value = ReadInt64();
            if (value < int.MinValue || value > int.MaxValue)
            {
                throw Wrong("the number is too large");
            }
            return (int?)value;
        }

        internal uint? ReadUInt32()
        {
            ulong? value = ReadUInt64();
            if (value > uint.MaxValue)
            {
                throw Wrong("the number is too large");
            }
            return (uint?)value;
        }

        internal long? ReadInt64()
        {
            ulong size;
            bool negative;
            if (!Integer(out size, out negative))
            {
                return null;
            }
            if (negative ? size > 1UL << 63 : size > long.MaxValue)
            {
                throw Wrong("the number is too large");
            }
            return unchecked(negative ? (long)(0 - size) : (long)size);
        }

        internal ulong? ReadUInt64()
        {
            ulong size;
            bool negative;
            if (!Integer(out size, out negative))
            {
                return null;
            }
            if (negative && size != 0)
            {
                throw Wrong("the number is negative");
            }
            return size;
        }

        // False for null.
        bool Integer(out ulong size, out bool negative)
        {
            size = 0;
            negative = false;
            if (Null())
            {
                return false;
            }
            if (ShortInteger(out size, out negative))
            {
                return true;
            }
            size = 0;
            negative = false;
            int start = _at, end = NumberEnd();
            int at = start;
            if (_bytes[at] == '-')
            {
                negative = true;
                at++;
            }
            for (; at < end; at++)
            {
                int digit = _bytes[at] - '0';
                if (digit < 0 || digit > 9)
                {
                    throw Wrong("an integer expected");
                }
                if (size > (ulong.MaxValue - (ulong)digit) / 10)
                {
                    throw Wrong("the number is too large");
                }
                size = size * 10 + (ulong)digit;
            }
            _at = end;
            return true;
        }

        // One of at most 18 digits, and nothing odd about it: it needs no checks.
        bool ShortInteger(out ulong size, out bool negative)
        {
            ulong value = 0;
            int at = _at, end = _end;
            fixed (byte* bytes = _bytes)
            {
                negative = at < end && bytes[at] == '-';
                int start = negative ? at + 1 : at;
                int last = Math.Min(end, start + 18);
                for (at = start; at < last; at++)
                {
                    uint digit = (uint)bytes[at] - '0';
                    if (digit > 9)
                    {
                        break;
                    }
                    value = value * 10 + digit;
                }
                size = value;
                if (at == start || (bytes[start] == '0' && at > start + 1))
                {
                    return false;
                }
                if (at < end && bytes[at] != ',' && bytes[at] != '}' && bytes[at] != ']')
                {
                    return false;
                }
            }
            _at = at;
            return true;
        }

        internal double? ReadDouble()
        {
            if (Null())
            {
                return null;
            }
            int start = _at;
            _at = NumberEnd();
            string text = Encoding.ASCII.GetString(_bytes, start, _at - start);
            double value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) ||
                double.IsInfinity(value))
            {
                throw Wrong("the number is too large");
            }
            return value;
        }

        // Where the number that begins here ends; it is checked as JSON has it.
        int NumberEnd()
        {
            int at = _at;
            if (at < _end && _bytes[at] == '-')
            {
                at++;
            }
            int digits = at;
            at = Digits(at);
            if (at > digits + 1 && _bytes[digits] == '0')
            {
                throw Wrong("a number must not begin with 0");
            }
            if (at < _end && _bytes[at] == '.')
            {
                at = Digits(at + 1);
            }
            if (at < _end && (_bytes[at] | 0x20) == 'e')
            {
                at++;
                if (at < _end && (_bytes[at] == '+' || _bytes[at] == '-'))
                {
                    at++;
                }
                at = Digits(at);
            }
            return at;
        }

        int Digits(int at)
        {
            int start = at;
            while (at < _end && _bytes[at] >= '0' && _bytes[at] <= '9')
            {
                at++;
            }
            if (at == start)
            {
                throw Wrong("a number expected");
            }
            return at;
        }

        /// <summary>A text, or null for null. Half of a surrogate pair becomes U+FFFD.</summary>
        internal string ReadString()
        {
            if (Null())
            {
                return null;
            }
            if (_at >= _end || _bytes[_at] != '"')
            {
                throw Wrong("a text expected");
            }
            int start = _at + 1, end = _end, at = start;
            uint all = 0;
            fixed (byte* bytes = _bytes)
            {
                while (at < end && bytes[at] != '"' && bytes[at] != '\\')
                {
                    uint b = bytes[at];
                    if (b < ' ')
                    {
                        throw Wrong("a control character in a text");
                    }
                    all |= b;
                    at++;
                }
                if (at >= end)
                {
                    throw Wrong("a text without an end");
                }
                if (bytes[at] == '\\')
                {
                    return Escaped(start, at);
                }
                _at = at + 1;
                if (at == start)
                {
                    return "";
                }
                if (all >= 0x80)
                {
                    return Encoding.UTF8.GetString(bytes + start, at - start);
                }
                // What is ASCII alone needs no decoder. The text is nobody else's yet.
                var text = new string('\0', at - start);
                fixed (char* chars = text)
                {
                    for (int i = 0; i < text.Length; i++)
                    {
                        chars[i] = (char)bytes[start + i];
                    }
                }
                return text;
            }
        }

        string Escaped(int start, int at)
        {
            var text = new StringBuilder();
            while (true)
            {
                text.Append(Encoding.UTF8.GetString(_bytes, start, at - start));
                if (at >= _end)
                {
                    throw Wrong("a text without an end");
                }
                if (_bytes[at] == '"')
                {
                    _at = at + 1;
                    return Paired(text);
                }
                at++;
                char escape = at < _end ? (char)_bytes[at] : '\0';
                at++;
                int plain = "\"\\/bfnrt".IndexOf(escape);
                if (escape == 'u')
                {
                    text.Append((char)Hex(at));
                    at += 4;
                }
                else if (plain >= 0)
                {
                    text.Append("\"\\/\b\f\n\r\t"[plain]);
                }
                else
                {
                    throw Wrong("an unknown escape in a text");
                }
                start = at;
                while (at < _end && _bytes[at] != '"' && _bytes[at] != '\\')
                {
                    if (_bytes[at] < ' ')
                    {
                        throw Wrong("a control character in a text");
                    }
                    at++;
                }
            }
        }

        int Hex(int at)
        {
            int value = 0;
            for (int i = at; i < at + 4; i++)
            {
                int digit = i < _end ? "0123456789abcdef".IndexOf((char)(_bytes[i] | 0x20)) : -1;
                // A digit's sixth bit is set anyway; of what is no digit it may make one.
                if (digit < 0 || (digit < 10 && _bytes[i] != '0' + digit))
                {
                    throw Wrong("four hexadecimal digits expected");
                }
                value = value * 16 + digit;
            }
            return value;
        }

        static string Paired(StringBuilder text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                {
                    i++;
                }
                else if (char.IsSurrogate(text[i]))
                {
                    text[i] = '\ufffd';
                }
            }
            return text.ToString();
        }

        /// <summary>The next value as it stands there.</summary>
        internal string ReadRaw()
        {
            Peek();
            int start = _at;
            Skip();
            return Encoding.UTF8.GetString(_bytes, start, _at - start);
        }

        /// <summary>Leaves the next value out.</summary>
        internal void Skip()
        {
            switch (Peek())
            {
                case '{':
                    BeginObject();
                    while (!AtEnd('}'))
                    {
                        if (Peek() != '"')
                        {
                            throw Wrong("a key expected");
                        }
                        ReadString();
                        if (Peek() != ':')
                        {
                            throw Wrong("a colon expected");
                        }
                        _at++;
                        Skip();
                    }
                    break;
                case '[':
                    Begin('[', "an array");
                    while (!AtEnd(']'))
                    {
                        Skip();
                    }
                    break;
                case '"':
                    ReadString();
                    break;
                case 't':
                case 'f':
                case 'n':
                    ReadBool();
                    break;
                default:
                    _at = NumberEnd();
                    break;
            }
        }

        void Begin(char bracket, string what)
        {
            if (Peek() != bracket)
            {
                throw Wrong(what + " expected");
            }
            if (++_depth > MaxDepth)
            {
                throw Wrong("nested too deeply");
            }
            _at++;
            _first = true;
        }

        // Whether the innermost array or object ends; otherwise its next element begins here.
        bool AtEnd(char bracket)
        {
            char next = Peek();
            if (next == bracket)
            {
                _at++;
                _depth--;
                _first = false;
                return true;
            }
            if (!_first)
            {
                if (next != ',')
                {
                    throw Wrong("a comma expected");
                }
                _at++;
            }
            _first = false;
            return false;
        }

        // The first byte of what comes next, which is ASCII if it is right; NUL at the end.
        char Peek()
        {
            while (_at < _end)
            {
                byte b = _bytes[_at];
                if (b > ' ' || (b != ' ' && b != '\n' && b != '\r' && b != '\t'))
                {
                    return (char)b;
                }
                _at++;
            }
            return '\0';
        }

        void Word(string word)
        {
            for (int i = 0; i < word.Length; i++)
            {
                if (_at + i >= _end || _bytes[_at + i] != word[i])
                {
                    throw Wrong(word + " expected");
                }
            }
            _at += word.Length;
        }

        // The text itself is left out: it may be somebody's message.
        FormatException Wrong(string what)
        {
            return new FormatException($"JSON: {what} (byte {_at} of {_end})");
        }
    }
}
