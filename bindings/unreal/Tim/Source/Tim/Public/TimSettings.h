#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"

#include "TimSettings.generated.h"

/** Project Settings > Plugins > Tim; section [/Script/Tim.TimSettings] of DefaultGame.ini. */
UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "Tim"))
class TIM_API UTimSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	virtual FName GetCategoryName() const override { return FName(TEXT("Plugins")); }

	/** The app's number at the server. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Server")
	int64 AppId = 0;

	/** wss://host:port/path; several, separated by commas, are tried in turn. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Server")
	FString ServerUrl;

	/** A PEM file with an issuer to trust besides the public ones; from the project's folder. Empty: none. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Server")
	FString CaFile;

	/** Start with each game instance that is no dedicated server. Otherwise nothing happens until UTimSubsystem::Start. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Client")
	bool bAutoStart = false;

	/** Callbacks that run in one tick at most; one can bring many messages. 0: no bound. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Client", meta = (ClampMin = "0"))
	int32 MaxCallbacksPerTick = 100;

	/** Close database and connection while the app is in the background, as phones want it. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Client")
	bool bSuspendInBackground = true;
};
