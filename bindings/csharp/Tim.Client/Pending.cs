using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Tim
{
    /// <summary>A call that waits for its completion. C is given its number and never an object, so the garbage
    /// collector has no say in it.</summary>
    internal abstract class Pending
    {
        static readonly Dictionary<int, Pending> s_all = new Dictionary<int, Pending>();
        static int s_last;

        internal static readonly tim_comm_callback Completed = OnCompleted;

        /// <summary>What C hands back with the completion.</summary>
        internal IntPtr Number { get; private set; }

        protected Pending()
        {
            lock (s_all)
            {
                do
                {
                    s_last = unchecked(s_last + 1);
                }
                while (s_last == 0 || s_all.ContainsKey(s_last));
                s_all.Add(s_last, this);
                Number = (IntPtr)s_last;
            }
        }

        /// <summary>How many wait.</summary>
        internal static int Count
        {
            get
            {
                lock (s_all)
                {
                    return s_all.Count;
                }
            }
        }

        /// <summary>The call was not accepted, so no completion comes.</summary>
        internal void Refuse(Exception why)
        {
            Take(Number);
            Fail(why);
        }

        /// <summary>What the function returned: other than 0, the call was not accepted.</summary>
        internal void Returned(int code, string function)
        {
            if (code == TimCode.Succ)
            {
                return;
            }
            bool argument = code == TimCode.Param || code == TimCode.Json || code == TimCode.Conv || code == TimCode.Group;
            Refuse(new TimException(code, function + (argument
                ? " refused an argument; tim.h says what each must be"
                : " refused the call")));
        }

        protected abstract void Succeed(IntPtr json);

        protected abstract void Fail(Exception why);

        static Pending Take(IntPtr number)
        {
            lock (s_all)
            {
                Pending pending;
                if (s_all.TryGetValue((int)number, out pending))
                {
                    s_all.Remove((int)number);
                }
                return pending;
            }
        }

        [AOT.MonoPInvokeCallback(typeof(tim_comm_callback))]
        static void OnCompleted(int code, IntPtr desc, IntPtr json_params, IntPtr user_data)
        {
            try
            {
                Pending pending = Take(user_data);
                if (pending == null)
                {
                    return;
                }
                try
                {
                    if (code == TimCode.Succ)
                    {
                        pending.Succeed(json_params);
                        return;
                    }
                    pending.Fail(new TimException(code, Text.FromNative(desc)));
                }
                catch (Exception unreadable)
                {
                    pending.Fail(unreadable);
                }
            }
            catch (Exception odd)
            {
                TimClient.Report(TimClient.Find(), odd);
            }
        }
    }

    internal sealed class Pending<T> : Pending
    {
        // Continuations never run inside the completion: one that blocks would stop all callbacks.
        readonly TaskCompletionSource<T> _source =
            new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly Func<IntPtr, T> _read;

        /// <param name="read">Makes the result of what the completion is given; null: there is none.</param>
        internal Pending(Func<IntPtr, T> read)
        {
            _read = read;
        }

        internal Task<T> Task => _source.Task;

        protected override void Succeed(IntPtr json)
        {
            _source.TrySetResult(_read == null ? default(T) : _read(json));
        }

        protected override void Fail(Exception why)
        {
            _source.TrySetException(why);
        }
    }
}
