using System;
using System.IO;
using UnrealBuildTool;

// libtim itself. scripts/unreal.sh puts tim.h and tim.hpp into include, and the libraries into Binaries/ThirdParty/TimLibrary.
public class TimLibrary : ModuleRules
{
	public TimLibrary(ReadOnlyTargetRules Target) : base(Target)
	{
		Type = ModuleType.External;
		PublicSystemIncludePaths.Add(Path.Combine(ModuleDirectory, "include"));

		string Folder = Path.Combine(PluginDirectory, "Binaries", "ThirdParty", "TimLibrary", Target.Platform.ToString());
		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			PublicAdditionalLibraries.Add(Existing(Folder, "tim.lib"));
			// Loaded by FTimModule from where the plugin is, which is not where Windows looks.
			PublicDelayLoadDLLs.Add("tim.dll");
			RuntimeDependencies.Add(Existing(Folder, "tim.dll"));
		}
		else if (Target.Platform == UnrealTargetPlatform.Linux || Target.Platform == UnrealTargetPlatform.LinuxArm64)
		{
			// The linker wants the first name, programs look for the second (the soname).
			PublicAdditionalLibraries.Add(Existing(Folder, "libtim.so"));
			PublicDelayLoadDLLs.Add(Path.Combine(Folder, "libtim.so"));
			PublicRuntimeLibraryPaths.Add(Folder);
			RuntimeDependencies.Add(Existing(Folder, "libtim.so.0"));
		}
		else if (Target.Platform == UnrealTargetPlatform.Mac)
		{
			PublicAdditionalLibraries.Add(Existing(Folder, "libtim.dylib"));
			PublicDelayLoadDLLs.Add(Path.Combine(Folder, "libtim.dylib"));
			PublicRuntimeLibraryPaths.Add(Folder);
			RuntimeDependencies.Add(Existing(Folder, "libtim.dylib"));
		}
		else
		{
			throw new NotSupportedException("Tim: there is no library for " + Target.Platform);
		}
	}

	static string Existing(string Folder, string Name)
	{
		string File = Path.Combine(Folder, Name);
		if (!System.IO.File.Exists(File))
		{
			throw new FileNotFoundException("Tim: " + File + " is missing: package the plugin with the library of this platform (docs/unreal.md)");
		}
		return File;
	}
}
