using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Tim
{
    /// <summary>Texts as C has them: UTF-8 that ends with NUL.</summary>
    internal static unsafe class Text
    {
        static readonly UTF8Encoding s_strict = new UTF8Encoding(false, true);

        // What is larger than this is not kept for the next text.
        const int KeptBytes = 1 << 20;

        [ThreadStatic]
        static byte[] t_buffer;

        /// <summary>For a call of C; null stays null.</summary>
        internal static byte[] ToNative(string text)
        {
            if (text == null)
            {
                return null;
            }
            // C would see its end there.
            if (text.IndexOf('\0') >= 0)
            {
                throw new TimException(TimCode.Param, "a text with a NUL cannot be passed on");
            }
            try
            {
                var bytes = new byte[s_strict.GetByteCount(text) + 1];
                s_strict.GetBytes(text, 0, text.Length, bytes, 0);
                return bytes;
            }
            catch (EncoderFallbackException)
            {
                throw new TimException(TimCode.Param, "a text with half of a surrogate pair has no UTF-8");
            }
        }

        /// <summary>What C gives; NULL is null.</summary>
        internal static string FromNative(IntPtr text)
        {
            if (text == IntPtr.Zero)
            {
                return null;
            }
            int length = Length(text);
            return length == 0 ? "" : Encoding.UTF8.GetString((byte*)text, length);
        }

        /// <summary>A reader of what C gives as JSON; null when that is NULL or empty. Good until the next one on
        /// this thread.</summary>
        internal static JsonReader ReadNative(IntPtr text)
        {
            int length = text == IntPtr.Zero ? 0 : Length(text);
            if (length == 0)
            {
                return null;
            }
            byte[] buffer = t_buffer;
            if (buffer == null || buffer.Length < length)
            {
                buffer = new byte[Math.Max(length, 4096)];
                t_buffer = length <= KeptBytes ? buffer : null;
            }
            Marshal.Copy(text, buffer, 0, length);
            return new JsonReader(buffer, length);
        }

        /// <summary>What C wrote into a buffer.</summary>
        internal static string FromBuffer(byte[] buffer)
        {
            int end = Array.IndexOf(buffer, (byte)0);
            return Encoding.UTF8.GetString(buffer, 0, end < 0 ? buffer.Length : end);
        }

        static int Length(IntPtr text)
        {
            byte* end = (byte*)text;
            while (((long)end & 7) != 0)
            {
                if (*end == 0)
                {
                    return (int)(end - (byte*)text);
                }
                end++;
            }
            // Eight at a time: aligned, so that none of them lies beyond the page where the text ends.
            ulong eight;
            do
            {
                eight = *(ulong*)end;
                end += 8;
            }
            while (((eight - 0x0101010101010101UL) & ~eight & 0x8080808080808080UL) == 0);
            end -= 8;
            while (*end != 0)
            {
                end++;
            }
            return checked((int)(end - (byte*)text));
        }
    }
}
