using System.Collections.Generic;
using System.Text;

namespace Tim
{
    /// <summary>The keys of a kind of object, numbered from 1.</summary>
    internal sealed class JsonKeys
    {
        readonly Dictionary<string, int> _numbers = new Dictionary<string, int>();

        /// <summary>How each stands in the text, with quotes and colon and nothing between.</summary>
        internal readonly byte[][] Quoted;

        /// <summary>The one that came after it the last time; 0: none yet. Threads may write over each other's: it is a
        /// guess.</summary>
        internal readonly int[] After;

        internal JsonKeys(params string[] keys)
        {
            // One more for those that are unknown.
            Quoted = new byte[keys.Length + 2][];
            After = new int[keys.Length + 2];
            for (int i = 0; i < keys.Length; i++)
            {
                _numbers.Add(keys[i], i + 1);
                Quoted[i + 1] = Encoding.ASCII.GetBytes("\"" + keys[i] + "\":");
            }
        }

        internal int NumberOf(string key)
        {
            int number;
            return _numbers.TryGetValue(key, out number) ? number : After.Length - 1;
        }
    }
}
