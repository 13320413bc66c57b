#include "CoreMinimal.h"
#include "HAL/PlatformProcess.h"
#include "Interfaces/IPluginManager.h"
#include "Misc/Paths.h"
#include "Modules/ModuleManager.h"
#include "TimLog.h"

DEFINE_LOG_CATEGORY(LogTim);

/** On Windows loads tim.dll from the plugin's folder, before anything calls it; elsewhere the loader finds it. */
class FTimModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
#if PLATFORM_WINDOWS
		const FString Base = IPluginManager::Get().FindPlugin(TEXT("Tim"))->GetBaseDir();
		const FString Path = FPaths::Combine(Base, TEXT("Binaries/ThirdParty/TimLibrary/Win64/tim.dll"));
		Library = FPlatformProcess::GetDllHandle(*Path);
		if (Library == nullptr)
		{
			UE_LOG(LogTim, Error, TEXT("%s cannot be loaded: package the plugin with it (docs/unreal.md)"), *Path);
		}
#endif
	}

	virtual void ShutdownModule() override
	{
		if (Library != nullptr)
		{
			FPlatformProcess::FreeDllHandle(Library);
			Library = nullptr;
		}
	}

private:
	void* Library = nullptr;
};

IMPLEMENT_MODULE(FTimModule, Tim)
