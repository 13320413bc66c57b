using System;
using System.IO;
using UnityEngine;
#if UNITY_EDITOR
using UnityEditor;
#endif

namespace Tim
{
    /// <summary>
    /// The chat client of a game: one object in the first scene, which stays, as a root. It begins when it is enabled, runs all
    /// callbacks on the main thread in Update, suspends when the game is paused, and ends with the game, with play
    /// mode, and before the editor loads scripts anew.
    /// </summary>
    /// <remarks>Other scripts take <see cref="Client"/> in OnEnable or Start: subscribe to its events, log in.</remarks>
    [DefaultExecutionOrder(-1000)]
    [DisallowMultipleComponent]
    [AddComponentMenu("Chat/Tim")]
    public class TimBehaviour : MonoBehaviour
    {
        static TimBehaviour s_instance;

        [Tooltip("The app's number at the server.")]
        [SerializeField] ulong _appId;

        [Tooltip("wss://host:port/path; several, separated by commas, are tried in turn.")]
        [SerializeField] string _serverUrl = "";

        [Tooltip("PEM file of an issuer to trust besides the usual ones; a path on the device.")]
        [SerializeField] string _serverCaFile = "";

        [Tooltip("At most so many callbacks run in a frame; 0: all that wait.")]
        [SerializeField] int _maxCallbacksPerFrame = 100;

        [Tooltip("Close file and connection while the game is paused, as phones want it.")]
        [SerializeField] bool _suspendWhenPaused = true;

        bool _suspended;

        /// <summary>The one that runs, or null.</summary>
        public static TimBehaviour Instance => s_instance;

        /// <summary>The client, which runs while this is enabled; null before and after.</summary>
        public TimClient Client { get; private set; }

        /// <summary>The session ended while the game was paused, mostly because another process took the user's
        /// database (5001): log in again.</summary>
        public event Action<TimException> ResumeFailed;

        /// <summary>For objects that are made by code; before they are enabled.</summary>
        public void Configure(ulong appId, string serverUrl, string serverCaFile = "")
        {
            _appId = appId;
            _serverUrl = serverUrl;
            _serverCaFile = serverCaFile;
        }

        // With domain reload switched off, what is static outlives play mode.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void ResetStatics()
        {
            s_instance = null;
            TimClient.Current?.Dispose();
        }

        void Awake()
        {
            if (s_instance == null)
            {
                s_instance = this;
                // Only a root stays; below another object it would go with that one's scene.
                transform.SetParent(null);
                DontDestroyOnLoad(gameObject);
            }
            else if (s_instance != this)
            {
                // The scene was loaded once more. What else is on the object is not ours.
                Destroy(this);
            }
        }

        // Also after scripts were loaded anew in play mode, when Awake is not called.
        void OnEnable()
        {
            if (s_instance == null)
            {
                s_instance = this;
            }
            if (s_instance != this || Client != null)
            {
                return;
            }
            string folder = Path.Combine(Application.persistentDataPath, "tim");
            var options = new TimOptions
            {
                PollThread = false,
                Config = new SdkConfig
                {
                    ServerUrl = string.IsNullOrEmpty(_serverUrl) ? null : _serverUrl,
                    ServerCaFile = string.IsNullOrEmpty(_serverCaFile) ? null : _serverCaFile,
                    ConfigFilePath = Path.Combine(folder, "data"),
                    LogFilePath = Path.Combine(folder, "log"),
                },
            };
            var client = new TimClient(_appId, options);
            client.CallbackFailed += Debug.LogException;
            client.Start();
            Client = client;
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload += Shutdown;
            EditorApplication.playModeStateChanged += OnPlayModeStateChanged;
#endif
        }

        void Update()
        {
            Client?.Poll(_maxCallbacksPerFrame);
        }

        void OnApplicationPause(bool paused)
        {
            if (Client == null || !_suspendWhenPaused || paused == _suspended)
            {
                return;
            }
            _suspended = paused;
            try
            {
                if (paused)
                {
                    Client.Suspend();
                }
                else
                {
                    Client.Resume();
                }
            }
            catch (TimException e)
            {
                Debug.LogException(e);
                if (!paused)
                {
                    ResumeFailed?.Invoke(e);
                }
            }
        }

        void OnApplicationQuit()
        {
            Shutdown();
        }

        void OnDestroy()
        {
            Shutdown();
            if (s_instance == this)
            {
                s_instance = null;
            }
        }

#if UNITY_EDITOR
        void OnPlayModeStateChanged(PlayModeStateChange change)
        {
            if (change == PlayModeStateChange.ExitingPlayMode)
            {
                Shutdown();
            }
        }
#endif

        /// <summary>Ends the client; what is pending fails with 7009. Harmless a second time.</summary>
        public void Shutdown()
        {
            if (Client == null)
            {
                return;
            }
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload -= Shutdown;
            EditorApplication.playModeStateChanged -= OnPlayModeStateChanged;
#endif
            _suspended = false;
            Client.Dispose();
            Client = null;
        }
    }
}
