// Stand-ins for what the plugin's build files use of UnrealBuildTool, and a program that makes their rules for each
// platform: ends with 1 and a text when one of them throws what it should not.
//
//   rules.exe MODULE_FOLDER PLUGIN_FOLDER PLATFORM      prints what TimLibrary adds
using System;
using System.Collections.Generic;

namespace UnrealBuildTool
{
	public class UnrealTargetPlatform
	{
		public static readonly UnrealTargetPlatform Win64 = new UnrealTargetPlatform("Win64");
		public static readonly UnrealTargetPlatform Linux = new UnrealTargetPlatform("Linux");
		public static readonly UnrealTargetPlatform LinuxArm64 = new UnrealTargetPlatform("LinuxArm64");
		public static readonly UnrealTargetPlatform Mac = new UnrealTargetPlatform("Mac");
		readonly string Name;
		public UnrealTargetPlatform(string Name) { this.Name = Name; }
		public static bool operator ==(UnrealTargetPlatform A, UnrealTargetPlatform B) { return A.Name == B.Name; }
		public static bool operator !=(UnrealTargetPlatform A, UnrealTargetPlatform B) { return A.Name != B.Name; }
		public override bool Equals(object Other) { return Other is UnrealTargetPlatform && Name == ((UnrealTargetPlatform)Other).Name; }
		public override int GetHashCode() { return Name.GetHashCode(); }
		public override string ToString() { return Name; }
	}

	public class ReadOnlyTargetRules
	{
		public UnrealTargetPlatform Platform;
	}

	public class RuntimeDependencyList
	{
		public List<string> Paths = new List<string>();
		public void Add(string Path) { Paths.Add(Path); }
	}

	public class ModuleRules
	{
		public enum ModuleType { CPlusPlus, External }
		public enum PCHUsageMode { Default, NoSharedPCHs, UseSharedPCHs, UseExplicitOrSharedPCHs }
		public static string Module, Plugin;
		public ModuleRules(ReadOnlyTargetRules Target) { }
		public ModuleType Type;
		public PCHUsageMode PCHUsage;
		public string ModuleDirectory { get { return Module; } }
		public string PluginDirectory { get { return Plugin; } }
		public List<string> PublicDependencyModuleNames = new List<string>();
		public List<string> PrivateDependencyModuleNames = new List<string>();
		public List<string> PublicSystemIncludePaths = new List<string>();
		public List<string> PublicAdditionalLibraries = new List<string>();
		public List<string> PublicDelayLoadDLLs = new List<string>();
		public List<string> PublicRuntimeLibraryPaths = new List<string>();
		public RuntimeDependencyList RuntimeDependencies = new RuntimeDependencyList();
	}
}

static class Rules
{
	static int Main(string[] Arguments)
	{
		UnrealBuildTool.ModuleRules.Module = Arguments[0];
		UnrealBuildTool.ModuleRules.Plugin = Arguments[1];
		var Target = new UnrealBuildTool.ReadOnlyTargetRules { Platform = new UnrealBuildTool.UnrealTargetPlatform(Arguments[2]) };
		try
		{
			new Tim(Target);
			var Made = new TimLibrary(Target);
			foreach (var List in new[] { Made.PublicSystemIncludePaths, Made.PublicAdditionalLibraries, Made.RuntimeDependencies.Paths })
			{
				foreach (string Path in List) Console.WriteLine(Path);
			}
			return 0;
		}
		catch (Exception e)
		{
			Console.Error.WriteLine(e.Message);
			return 1;
		}
	}
}
