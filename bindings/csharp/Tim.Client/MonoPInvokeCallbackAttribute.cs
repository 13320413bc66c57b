#if !UNITY_5_3_OR_NEWER
using System;

namespace AOT
{
    /// <summary>Marks the methods that C calls, for compilers that work ahead of time. In Unity it is Unity's own.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class MonoPInvokeCallbackAttribute : Attribute
    {
        public MonoPInvokeCallbackAttribute(Type type)
        {
        }
    }
}
#endif
