#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "Subsystems/GameInstanceSubsystem.h"
#include "Templates/Function.h"
#include "Templates/PimplPtr.h"
#include "TimTypes.h"

#include "TimSubsystem.generated.h"

namespace tim
{
	class Client;
}

DECLARE_DYNAMIC_MULTICAST_DELEGATE(FTimEvent);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimCountEvent, int32, Count);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimErrorEvent, const FTimError&, Error);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimMessagesEvent, const TArray<FTimMessage>&, Messages);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimReceiptsEvent, const TArray<FTimReceipt>&, Receipts);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimPresenceEvent, const TArray<FTimUserPresence>&, Users);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimConversationsEvent, ETimConversationEvent, Event, const TArray<FTimConversation>&, Conversations);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimNetworkEvent, ETimNetworkState, State, const FTimError&, Error);

/**
 * Chat for a game instance, from Start to Stop or to the instance's end. All of it is for the game thread, and all
 * events come there, in a tick.
 *
 * There is one libtim in a process: while one game instance has it, Start of another one fails.
 */
UCLASS()
class TIM_API UTimSubsystem : public UGameInstanceSubsystem
{
	GENERATED_BODY()

public:
	virtual void Initialize(FSubsystemCollectionBase& Collection) override;
	virtual void Deinitialize() override;

	/** Starts with the project's settings (UTimSettings). A Code that is not 0: it did not start. */
	UFUNCTION(BlueprintCallable, Category = "Tim")
	FTimError Start();

	/** The same with other values for these. */
	UFUNCTION(BlueprintCallable, Category = "Tim")
	FTimError StartWith(int64 AppId, const FString& ServerUrl, const FString& CaFile);

	/** Ends it: calls that are pending fail with 7009 before this returns; in an event, when that has returned. */
	UFUNCTION(BlueprintCallable, Category = "Tim")
	void Stop();

	UFUNCTION(BlueprintPure, Category = "Tim")
	bool IsStarted() const { return Client.IsValid(); }

	UFUNCTION(BlueprintPure, Category = "Tim")
	ETimLoginStatus GetLoginStatus() const;

	/** User ID; empty when nobody is logged in. */
	UFUNCTION(BlueprintPure, Category = "Tim")
	FString GetLoginUser() const;

	/** For the nodes of TimNodes.h and for C++. Done is called once, in a tick; at once when the call is refused. */
	void Login(const FString& UserId, const FString& Ticket, TFunction<void(const FTimError&)> Done = nullptr);
	void Logout(TFunction<void(const FTimError&)> Done = nullptr);
	void SendText(const FString& UserId, const FString& Text, TFunction<void(const FTimMessage&, const FTimError&)> Done = nullptr);
	/** Newest first. Before: the last message of the page before; without a Json, the newest page. */
	void GetHistory(const FString& UserId, int32 Count, const FTimMessage& Before, TFunction<void(const TArray<FTimMessage>&, const FTimError&)> Done);
	void MarkRead(const FString& UserId, TFunction<void(const FTimError&)> Done = nullptr);
	/** The one that moved last comes first. */
	void GetConversations(TFunction<void(const TArray<FTimConversation>&, const FTimError&)> Done);
	/** Unread messages of all conversations together. */
	void GetTotalUnread(TFunction<void(int32, const FTimError&)> Done);
	/** OnPresence tells of these users from now on. */
	void SubscribePresence(const TArray<FString>& UserIds, TFunction<void(const FTimError&)> Done = nullptr);

	/** What is underneath, until Stop; null when not started. Include TimClient.h. Its listeners belong to this
	 * subsystem; never wait() for its calls, since they end in a tick: use then(). */
	tim::Client* GetClient() const { return Client.Get(); }

	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimMessagesEvent OnMessages;

	/** Others have read what was sent to them. */
	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimReceiptsEvent OnReceipts;

	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimConversationsEvent OnConversations;

	/** Unread messages of all conversations together. Silent until Get Total Unread was called once. */
	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimCountEvent OnTotalUnread;

	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimPresenceEvent OnPresence;

	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimNetworkEvent OnNetwork;

	/** Another device took this one's place: logged out. Log in to take it back. */
	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimEvent OnKicked;

	/** Get a new ticket from your server and log in with it, without a logout, within five minutes. */
	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimEvent OnTicketExpired;

	/** The session ended while the app was in the background: log in again. */
	UPROPERTY(BlueprintAssignable, Category = "Tim")
	FTimErrorEvent OnResumeFailed;

private:
	bool Tick(float DeltaTime);
	void Listen();
	void EnterBackground();
	void EnterForeground();

	TPimplPtr<tim::Client> Client;
	FTSTicker::FDelegateHandle Ticker;
	FDelegateHandle Background;
	FDelegateHandle Foreground;
};
