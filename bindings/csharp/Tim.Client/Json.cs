using System;
using System.Collections.Generic;

namespace Tim
{
    /// <summary>Whole values, from and to texts.</summary>
    internal static class Json
    {
        internal static T Parse<T>(string json, Func<JsonReader, T> read)
        {
            JsonReader reader = JsonReader.Of(json);
            T value = read(reader);
            reader.End();
            return value;
        }

        /// <summary>Null stays null.</summary>
        internal static string Text<T>(T value, Action<JsonWriter, T> write) where T : class
        {
            if (value == null)
            {
                return null;
            }
            var json = new JsonWriter();
            write(json, value);
            return json.ToString();
        }

        internal static string TextOfList<T>(List<T> values, Action<JsonWriter, T> write)
        {
            if (values == null)
            {
                return null;
            }
            var json = new JsonWriter();
            json.List(values, write);
            return json.ToString();
        }

        /// <summary>Of what C gives; null when it is empty.</summary>
        internal static T Read<T>(IntPtr text, Func<JsonReader, T> read) where T : class
        {
            JsonReader reader = Tim.Text.ReadNative(text);
            return reader == null ? null : read(reader);
        }

        /// <summary>The same of an array.</summary>
        internal static List<T> ReadList<T>(IntPtr text, Func<JsonReader, T> read)
        {
            return Tim.Text.ReadNative(text)?.ReadList(read);
        }
    }
}
