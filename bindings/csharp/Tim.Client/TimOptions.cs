using System.Threading;

namespace Tim
{
    /// <summary>How a client runs. What it talks to is said by <see cref="SdkConfig"/>.</summary>
    public sealed class TimOptions
    {
        /// <summary>The keys of tim_init, each with its default when it is null; sdk_config_callback_mode counts as
        /// "poll" whatever it is.</summary>
        public SdkConfig Config { get; set; } = new SdkConfig();

        /// <summary>True: a thread of the client's own runs the callbacks. False: they run inside
        /// <see cref="TimClient.Poll"/>, which the program calls, once a frame for instance.</summary>
        public bool PollThread { get; set; } = true;

        /// <summary>Where events are posted, as SynchronizationContext.Current on the thread of a window; null: they
        /// run where the callbacks run. What follows an await is not touched by it.</summary>
        public SynchronizationContext EventContext { get; set; }
    }
}
