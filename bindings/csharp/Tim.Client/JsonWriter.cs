using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Tim
{
    /// <summary>Writes JSON. What is null is left out.</summary>
    internal sealed class JsonWriter
    {
        readonly StringBuilder _text = new StringBuilder();
        int _depth;
        // The next element of the innermost array or object needs a comma before it.
        bool _comma;

        public override string ToString()
        {
            return _text.ToString();
        }

        internal void BeginObject()
        {
            Begin('{');
        }

        internal void EndObject()
        {
            EndWith('}');
        }

        internal void Write(string key, string value)
        {
            if (value != null)
            {
                Key(key);
                Value(value);
            }
        }

        internal void Write(string key, bool? value)
        {
            if (value.HasValue)
            {
                Key(key);
                _text.Append(value.Value ? "true" : "false");
            }
        }

        internal void Write(string key, long? value)
        {
            if (value.HasValue)
            {
                Key(key);
                Value(value.Value);
            }
        }

        internal void Write(string key, ulong? value)
        {
            if (value.HasValue)
            {
                Key(key);
                Value(value.Value);
            }
        }

        internal void Write(string key, double? value)
        {
            if (value.HasValue)
            {
                Key(key);
                Value(value.Value);
            }
        }

        internal void WriteRaw(string key, string value)
        {
            if (value != null)
            {
                Key(key);
                Raw(value);
            }
        }

        internal void WriteValue<T>(string key, T value, Action<JsonWriter, T> write) where T : class
        {
            if (value != null)
            {
                Key(key);
                write(this, value);
            }
        }

        internal void WriteList<T>(string key, List<T> values, Action<JsonWriter, T> write)
        {
            if (values != null)
            {
                Key(key);
                List(values, write);
            }
        }

        internal void List<T>(List<T> values, Action<JsonWriter, T> write)
        {
            Begin('[');
            foreach (T value in values)
            {
                Next();
                // An element of a list is written as null; a key would be left out.
                if (value == null)
                {
                    Raw("null");
                }
                else
                {
                    write(this, value);
                }
            }
            EndWith(']');
        }

        internal static readonly Action<JsonWriter, string> Strings = (json, value) => json.Value(value);
        internal static readonly Action<JsonWriter, string> Raws = (json, value) => json.Raw(value);

        internal void Value(long value)
        {
            _text.Append(value.ToString(CultureInfo.InvariantCulture));
        }

        internal void Value(ulong value)
        {
            _text.Append(value.ToString(CultureInfo.InvariantCulture));
        }

        internal void Value(double value)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
            {
                throw new ArgumentException("JSON has no number for " + value.ToString(CultureInfo.InvariantCulture));
            }
            _text.Append(value.ToString("R", CultureInfo.InvariantCulture));
        }

        /// <summary>As it is: whether it is JSON the library says.</summary>
        internal void Raw(string value)
        {
            _text.Append(value ?? "null");
        }

        internal void Value(string value)
        {
            if (value == null)
            {
                _text.Append("null");
                return;
            }
            _text.Append('"');
            for (int i = 0; i < value.Length; i++)
            {
                char c = value[i];
                if (c == '"' || c == '\\')
                {
                    _text.Append('\\').Append(c);
                }
                else if (char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
                {
                    _text.Append(c).Append(value[++i]);
                }
                // Half of a surrogate pair has no UTF-8; escaped it comes to the library, which refuses it.
                else if (c < ' ' || char.IsSurrogate(c))
                {
                    _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    _text.Append(c);
                }
            }
            _text.Append('"');
        }

        internal void Key(string key)
        {
            Next();
            // Keys are constants without anything to escape.
            _text.Append('"').Append(key).Append("\":");
        }

        void Next()
        {
            if (_comma)
            {
                _text.Append(',');
            }
            _comma = true;
        }

        void Begin(char bracket)
        {
            // A message that contains itself would have no end.
            if (++_depth > JsonReader.MaxDepth)
            {
                throw new ArgumentException("nested deeper than " + JsonReader.MaxDepth);
            }
            _text.Append(bracket);
            _comma = false;
        }

        void EndWith(char bracket)
        {
            _depth--;
            _text.Append(bracket);
            _comma = true;
        }
    }
}
