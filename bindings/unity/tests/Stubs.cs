// As much of Unity as the package names, for mcs. What the engine calls, the test calls.
using System;

namespace AOT
{
    [AttributeUsage(AttributeTargets.Method)]
    public class MonoPInvokeCallbackAttribute : Attribute
    {
        public MonoPInvokeCallbackAttribute(Type type)
        {
        }
    }
}

namespace UnityEngine
{
    public class Object
    {
        public static readonly System.Collections.Generic.List<Object> Destroyed = new System.Collections.Generic.List<Object>();
        public static readonly System.Collections.Generic.List<Object> Kept = new System.Collections.Generic.List<Object>();

        public static void DontDestroyOnLoad(Object target)
        {
            // Unity says so in its console, and does nothing.
            if (((GameObject)target).transform.parent != null)
            {
                Debug.LogException(new Exception("DontDestroyOnLoad only works for root GameObjects"));
                return;
            }
            Kept.Add(target);
        }

        public static void Destroy(Object target)
        {
            Destroyed.Add(target);
        }
    }

    public class Transform : Object
    {
        public Transform parent { get; private set; }

        public void SetParent(Transform to)
        {
            parent = to;
        }
    }

    public sealed class GameObject : Object
    {
        public Transform transform { get; } = new Transform();

        public readonly System.Collections.Generic.List<MonoBehaviour> Components = new System.Collections.Generic.List<MonoBehaviour>();
    }

    public class MonoBehaviour : Object
    {
        public GameObject gameObject { get; set; }

        public Transform transform => gameObject.transform;

        public bool enabled { get; set; }

        public T GetComponent<T>() where T : MonoBehaviour
        {
            foreach (MonoBehaviour component in gameObject.Components)
            {
                if (component is T)
                {
                    return (T)component;
                }
            }
            return null;
        }
    }

    public static class Application
    {
        public static string persistentDataPath { get; set; }
    }

    public static class Debug
    {
        public static readonly System.Collections.Generic.List<Exception> Exceptions = new System.Collections.Generic.List<Exception>();

        public static void LogException(Exception exception)
        {
            Exceptions.Add(exception);
        }

        public static void Log(object message)
        {
        }
    }

    public static class GUILayout
    {
        public static void Label(string text)
        {
        }

        public static string TextField(string text)
        {
            return text;
        }

        public static bool Button(string text)
        {
            return false;
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menu)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type type)
        {
        }
    }

    public enum RuntimeInitializeLoadType
    {
        AfterSceneLoad,
        SubsystemRegistration = 4,
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute
    {
        public readonly RuntimeInitializeLoadType LoadType;

        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType loadType)
        {
            LoadType = loadType;
        }
    }
}

namespace UnityEditor
{
    public enum PlayModeStateChange
    {
        EnteredEditMode,
        ExitingEditMode,
        EnteredPlayMode,
        ExitingPlayMode,
    }

    public static class EditorApplication
    {
        public static event Action<PlayModeStateChange> playModeStateChanged;

        public static void Tell(PlayModeStateChange change)
        {
            playModeStateChanged?.Invoke(change);
        }
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        public static void Tell()
        {
            beforeAssemblyReload?.Invoke();
        }
    }
}
