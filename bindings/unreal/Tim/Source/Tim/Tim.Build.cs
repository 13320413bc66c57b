using UnrealBuildTool;

public class Tim : ModuleRules
{
	public Tim(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;

		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "DeveloperSettings", "TimLibrary" });
		PrivateDependencyModuleNames.Add("Projects");
	}
}
