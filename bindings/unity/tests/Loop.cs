// Drives the Unity package as the editor does, against a real server: tests/scenarios.rs runs it. Each of two loads of
// the scripts, which are application domains of Mono as they are in the editor, plays several times.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Tim;
using UnityEditor;
using UnityEngine;

static class Loop
{
    static int Main()
    {
        for (int load = 1; load <= 2; load++)
        {
            AppDomain domain = AppDomain.CreateDomain("load " + load);
            domain.DoCallBack(Play);
            // Unload ends what still runs, or C would call what is no longer there.
            AppDomain.Unload(domain);
        }
        Console.WriteLine("unity: 2 loads of the scripts, 4 times played in each");
        return 0;
    }

    static readonly string Bot = Env("TIM_BOT");

    // One load of the scripts.
    static void Play()
    {
        var main = new MainThread();
        SynchronizationContext.SetSynchronizationContext(main);

        // Ends by leaving play mode.
        Begin();
        Scene scene = new Scene();
        scene.Chat(main, "one");
        SecondInstanceGoes(scene);
        PauseAndResume(scene, main);
        AFrameHasABound(scene, main);
        EditorApplication.Tell(PlayModeStateChange.ExitingPlayMode);
        True(scene.Tim.Client == null && TimClient.Current == null, "ended with play mode");
        scene.Destroy();

        // Is not ended by anybody: domain reload is off, and the next play begins.
        Begin();
        new Scene().Chat(main, "two");

        // The scripts are loaded anew while it plays: Unity calls OnEnable alone afterwards.
        Begin();
        True(TimClient.Current == null, "what was left of the play before has ended");
        scene = new Scene();
        scene.Chat(main, "three");
        AssemblyReloadEvents.Tell();
        True(TimClient.Current == null, "ended before the scripts are loaded anew");
        scene.Call("OnDisable");
        scene.Call("OnEnable");
        scene.Chat(main, "four");
        scene.Call("OnApplicationQuit");
        True(TimClient.Current == null, "ended with the game");
        scene.Call("Update");
        scene.Destroy();

        // Nobody ends it, and the scripts go.
        Begin();
        new Scene().Chat(main, "five");
        True(UnityEngine.Debug.Exceptions.Count == 0, string.Join("\n", UnityEngine.Debug.Exceptions));
    }

    // As Unity does at the beginning of play mode.
    static void Begin()
    {
        const BindingFlags Static = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;
        var methods = typeof(TimBehaviour).GetMethods(Static).Where(m =>
        {
            var attribute = m.GetCustomAttribute<RuntimeInitializeOnLoadMethodAttribute>();
            return attribute != null && attribute.LoadType == RuntimeInitializeLoadType.SubsystemRegistration;
        }).ToList();
        True(methods.Count == 1, "statics are reset");
        methods.ForEach(m => m.Invoke(null, null));
    }

    static void SecondInstanceGoes(Scene scene)
    {
        TimClient client = scene.Tim.Client;
        var second = new GameObject();
        var behaviour = new TimBehaviour { gameObject = second };
        var sample = new ChatSample { gameObject = second, enabled = true };
        second.Components.Add(behaviour);
        second.Components.Add(sample);
        Scene.Call(behaviour, "Awake");
        True(UnityEngine.Object.Destroyed.Contains(behaviour), "the second one goes");
        True(!UnityEngine.Object.Destroyed.Contains(second), "and leaves its object");
        Scene.Call(behaviour, "OnEnable");
        True(behaviour.Client == null, "and begins nothing");
        Scene.Call(sample, "OnEnable");
        True(!sample.enabled, "nor does the sample beside it");
        foreach (MonoBehaviour component in second.Components)
        {
            var required = component.GetType().GetCustomAttributes(typeof(RequireComponent), true);
            True(required.Length == 0, component + " does not let it go");
        }
        Scene.Call(behaviour, "OnDestroy");
        True(TimBehaviour.Instance == scene.Tim && TimClient.Current == client, "and ends nothing");
    }

    static void PauseAndResume(Scene scene, MainThread main)
    {
        // Unity says so at the beginning, on some systems.
        scene.Call("OnApplicationPause", false);
        scene.Call("OnApplicationPause", true);
        scene.Call("OnApplicationPause", true);
        Task<List<UserStatus>> asked = scene.Tim.Client.GetUserStatusAsync(new List<string> { Bot });
        main.RunUntil(() => asked.IsCompleted, scene, "an answer while suspended");
        var refused = asked.Exception?.InnerException as TimException;
        True(refused != null && refused.Code == TimCode.Suspended, "suspended");
        scene.Call("OnApplicationPause", false);
        scene.Say(main, "resumed");
    }

    static void AFrameHasABound(Scene scene, MainThread main)
    {
        FieldInfo bound = typeof(TimBehaviour).GetField("_maxCallbacksPerFrame", BindingFlags.Instance | BindingFlags.NonPublic);
        object before = bound.GetValue(scene.Tim);
        bound.SetValue(scene.Tim, 1);
        // Before they are looked at all answers are there, so each frame has one of them.
        Task[] asked = Enumerable.Range(0, 20).Select(_ => (Task)scene.Tim.Client.ConvGetConvListAsync()).ToArray();
        int done = 0;
        main.RunUntil(() =>
        {
            int now = asked.Count(t => t.IsCompleted);
            True(now - done <= 1, $"{now - done} callbacks in a frame");
            done = now;
            return now == asked.Length;
        }, scene, "20 answers");
        bound.SetValue(scene.Tim, before);
    }

    sealed class Scene
    {
        public readonly TimBehaviour Tim;
        readonly ChatSample _sample;
        readonly GameObject _object = new GameObject();

        public Scene()
        {
            Application.persistentDataPath = Env("TIM_DIR");
            Tim = new TimBehaviour { gameObject = _object };
            Tim.Configure(ulong.Parse(Env("TIM_APP_ID")), Env("TIM_SERVER_URL"), Env("TIM_SERVER_CA"));
            _sample = new ChatSample { gameObject = _object };
            Fill("_user", Env("TIM_USER"));
            Fill("_ticket", Env("TIM_USER_SIG"));
            Fill("_peer", Bot);
            _object.transform.SetParent(new GameObject().transform);
            _object.Components.Add(Tim);
            _object.Components.Add(_sample);
            Call("Awake");
            True(_object.transform.parent == null && UnityEngine.Object.Kept.Contains(_object), "it stays");
            Call("OnEnable");
        }

        void Fill(string field, string value)
        {
            typeof(ChatSample).GetField(field, BindingFlags.Instance | BindingFlags.NonPublic).SetValue(_sample, value);
        }

        public void Chat(MainThread main, string word)
        {
            Tim.Client.Log += (level, line) => { };
            main.RunUntil(() => _sample.Lines.LastOrDefault() == "you are " + Env("TIM_USER"), this, "logged in");
            int thread = Thread.CurrentThread.ManagedThreadId, told = 0;
            Action<List<Message>> check = _ => told = Thread.CurrentThread.ManagedThreadId;
            Tim.Client.RecvNewMsg += check;
            Say(main, word);
            Tim.Client.RecvNewMsg -= check;
            True(told == thread, "told on the main thread");
        }

        public void Say(MainThread main, string word)
        {
            _sample.Send("echo " + word);
            main.RunUntil(() => _sample.Lines.Contains(Bot + ": " + word), this, "an answer");
        }

        // A message of Unity's, to whoever has it.
        public void Call(string message, params object[] arguments)
        {
            _object.Components.ForEach(c => Call(c, message, arguments));
        }

        public static void Call(MonoBehaviour component, string message, params object[] arguments)
        {
            MethodInfo method = component.GetType().GetMethod(message, BindingFlags.Instance | BindingFlags.NonPublic);
            method?.Invoke(component, arguments);
        }

        public void Destroy()
        {
            Call("OnDisable");
            Call("OnDestroy");
        }
    }

    /// <summary>What follows an await runs on the main thread, between frames, as in Unity.</summary>
    sealed class MainThread : SynchronizationContext
    {
        readonly ConcurrentQueue<Action> _posted = new ConcurrentQueue<Action>();

        public override void Post(SendOrPostCallback callback, object state)
        {
            _posted.Enqueue(() => callback(state));
        }

        public void RunUntil(Func<bool> done, Scene scene, string what)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(60);
            while (!done())
            {
                True(DateTime.UtcNow < end, what + " in a minute");
                scene.Call("Update");
                Action next;
                while (_posted.TryDequeue(out next))
                {
                    next();
                }
                scene.Call("OnGUI");
                Thread.Sleep(1);
            }
        }
    }

    static string Env(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    static void True(bool condition, string what)
    {
        if (!condition)
        {
            throw new Exception(what);
        }
    }
}
