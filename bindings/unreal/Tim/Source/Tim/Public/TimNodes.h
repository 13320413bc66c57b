#pragma once

#include "CoreMinimal.h"
#include "Kismet/BlueprintAsyncActionBase.h"
#include "Templates/Function.h"
#include "TimTypes.h"

#include "TimNodes.generated.h"

// Both pins of a node have the same values, as Blueprint wants it; those that do not apply are empty.
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FTimDonePin, const FTimError&, Error);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimMessagePin, const FTimMessage&, Message, const FTimError&, Error);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimMessagesPin, const TArray<FTimMessage>&, Messages, const FTimError&, Error);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimConversationsPin, const TArray<FTimConversation>&, Conversations, const FTimError&, Error);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FTimCountPin, int32, Count, const FTimError&, Error);

/** A node that waits for the outcome of a call. One of its pins fires, once. */
UCLASS(Abstract)
class TIM_API UTimNode : public UBlueprintAsyncActionBase
{
	GENERATED_BODY()

public:
	virtual void Activate() override;

	/** Makes the call. */
	TFunction<void()> Run;
};

UCLASS()
class TIM_API UTimDoneNode : public UTimNode
{
	GENERATED_BODY()

public:
	UPROPERTY(BlueprintAssignable)
	FTimDonePin OnSuccess;

	UPROPERTY(BlueprintAssignable)
	FTimDonePin OnFailure;

	/** Logs a user in; your own server makes tickets. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Login"))
	static UTimDoneNode* TimLogin(UObject* WorldContext, const FString& UserId, const FString& Ticket);

	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Logout"))
	static UTimDoneNode* TimLogout(UObject* WorldContext);

	/** Marks all messages of a conversation as read. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Mark Read"))
	static UTimDoneNode* TimMarkRead(UObject* WorldContext, const FString& UserId);

	/** OnPresence tells of these users from now on. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Subscribe Presence"))
	static UTimDoneNode* TimSubscribePresence(UObject* WorldContext, const TArray<FString>& UserIds);
};

UCLASS()
class TIM_API UTimMessageNode : public UTimNode
{
	GENERATED_BODY()

public:
	UPROPERTY(BlueprintAssignable)
	FTimMessagePin OnSuccess;

	UPROPERTY(BlueprintAssignable)
	FTimMessagePin OnFailure;

	/** Sends a text to a user. While there is no connection it waits, on disk. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Send Text"))
	static UTimMessageNode* TimSendText(UObject* WorldContext, const FString& UserId, const FString& Text);
};

UCLASS()
class TIM_API UTimMessagesNode : public UTimNode
{
	GENERATED_BODY()

public:
	UPROPERTY(BlueprintAssignable)
	FTimMessagesPin OnSuccess;

	UPROPERTY(BlueprintAssignable)
	FTimMessagesPin OnFailure;

	/** A page of a conversation, newest first. Before: the last message of the page before; nothing: the newest page. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Get History", AutoCreateRefTerm = "Before"))
	static UTimMessagesNode* TimGetHistory(UObject* WorldContext, const FString& UserId, const FTimMessage& Before, int32 Count = 20);
};

UCLASS()
class TIM_API UTimConversationsNode : public UTimNode
{
	GENERATED_BODY()

public:
	UPROPERTY(BlueprintAssignable)
	FTimConversationsPin OnSuccess;

	UPROPERTY(BlueprintAssignable)
	FTimConversationsPin OnFailure;

	/** All conversations, the one that moved last first. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Get Conversations"))
	static UTimConversationsNode* TimGetConversations(UObject* WorldContext);
};

UCLASS()
class TIM_API UTimCountNode : public UTimNode
{
	GENERATED_BODY()

public:
	UPROPERTY(BlueprintAssignable)
	FTimCountPin OnSuccess;

	UPROPERTY(BlueprintAssignable)
	FTimCountPin OnFailure;

	/** Unread messages of all conversations together; from then on OnTotalUnread tells when the number changes. */
	UFUNCTION(BlueprintCallable, Category = "Tim", meta = (BlueprintInternalUseOnly = "true", WorldContext = "WorldContext", DisplayName = "Tim Get Total Unread"))
	static UTimCountNode* TimGetTotalUnread(UObject* WorldContext);
};
