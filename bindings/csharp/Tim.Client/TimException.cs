using System;

namespace Tim
{
    /// <summary>A call that was refused (code -1 to -6 and 5030) or that failed (any other code).</summary>
    public sealed class TimException : Exception
    {
        /// <summary>One of <see cref="TimCode"/>, or a code of the app's own server.</summary>
        public int Code { get; }

        /// <summary>The constant's name in tim.h, such as TIM_ERR_SDK_NOT_LOGGED_IN.</summary>
        public string Name { get; }

        /// <summary>What went wrong, for the developer; may be empty.</summary>
        public string Description { get; }

        public TimException(int code, string description)
            : this(code, TimClient.ErrorName(code), description ?? "")
        {
        }

        TimException(int code, string name, string description)
            : base(description.Length == 0 ? $"{code} {name}" : $"{code} {name}: {description}")
        {
            Code = code;
            Name = name;
            Description = description;
        }
    }
}
