#include "TimNodes.h"

#include "Engine/Engine.h"
#include "Engine/GameInstance.h"
#include "Engine/World.h"
#include "TimConvert.h"
#include "TimSubsystem.h"
#include "UObject/WeakObjectPtrTemplates.h"

/** The subsystem of the game that a node is in; null when that ends, or in the editor without a game. */
static UTimSubsystem* FindTim(const TWeakObjectPtr<UObject>& WorldContext)
{
	UWorld* World = GEngine ? GEngine->GetWorldFromContextObject(WorldContext.Get(), EGetWorldErrorMode::LogAndReturnNull) : nullptr;
	UGameInstance* Game = World ? World->GetGameInstance() : nullptr;
	return Game ? Game->GetSubsystem<UTimSubsystem>() : nullptr;
}

/** A node; Call makes the call, with what fires the node's pins. Values: what the pins have, before the error. */
template <class... Values, class T, class F>
static T* Prepared(T* Node, UObject* WorldContext, F Call)
{
	Node->RegisterWithGameInstance(WorldContext);
	const TWeakObjectPtr<UObject> Context(WorldContext);
	const TWeakObjectPtr<T> Weak(Node);
	Node->Run = [Context, Weak, Call]() {
		const TFunction<void(const Values&..., const FTimError&)> Fire = [Weak](const Values&... Given, const FTimError& Error) {
			if (T* There = Weak.Get())
			{
				(Error.IsOk() ? There->OnSuccess : There->OnFailure).Broadcast(Given..., Error);
				There->SetReadyToDestroy();
			}
		};
		if (UTimSubsystem* Tim = FindTim(Context))
		{
			Call(Tim, Fire);
			return;
		}
		Fire(Values()..., TimConvert::Failure(TIM_ERR_SDK_NOT_INITIALIZED, "there is no game instance here, and so no Tim"));
	};
	return Node;
}

void UTimNode::Activate()
{
	// Moved away, since it may be destroyed by what it does.
	const TFunction<void()> Once = MoveTemp(Run);
	if (Once)
	{
		Once();
	}
}

UTimDoneNode* UTimDoneNode::TimLogin(UObject* WorldContext, const FString& UserId, const FString& Ticket)
{
	return Prepared(NewObject<UTimDoneNode>(), WorldContext, [UserId, Ticket](UTimSubsystem* Tim, const auto& Fire) { Tim->Login(UserId, Ticket, Fire); });
}

UTimDoneNode* UTimDoneNode::TimLogout(UObject* WorldContext)
{
	return Prepared(NewObject<UTimDoneNode>(), WorldContext, [](UTimSubsystem* Tim, const auto& Fire) { Tim->Logout(Fire); });
}

UTimDoneNode* UTimDoneNode::TimMarkRead(UObject* WorldContext, const FString& UserId)
{
	return Prepared(NewObject<UTimDoneNode>(), WorldContext, [UserId](UTimSubsystem* Tim, const auto& Fire) { Tim->MarkRead(UserId, Fire); });
}

UTimDoneNode* UTimDoneNode::TimSubscribePresence(UObject* WorldContext, const TArray<FString>& UserIds)
{
	return Prepared(NewObject<UTimDoneNode>(), WorldContext, [UserIds](UTimSubsystem* Tim, const auto& Fire) { Tim->SubscribePresence(UserIds, Fire); });
}

UTimMessageNode* UTimMessageNode::TimSendText(UObject* WorldContext, const FString& UserId, const FString& Text)
{
	return Prepared<FTimMessage>(NewObject<UTimMessageNode>(), WorldContext, [UserId, Text](UTimSubsystem* Tim, const auto& Fire) { Tim->SendText(UserId, Text, Fire); });
}

UTimMessagesNode* UTimMessagesNode::TimGetHistory(UObject* WorldContext, const FString& UserId, const FTimMessage& Before, int32 Count)
{
	return Prepared<TArray<FTimMessage>>(NewObject<UTimMessagesNode>(), WorldContext, [UserId, Before, Count](UTimSubsystem* Tim, const auto& Fire) { Tim->GetHistory(UserId, Count, Before, Fire); });
}

UTimConversationsNode* UTimConversationsNode::TimGetConversations(UObject* WorldContext)
{
	return Prepared<TArray<FTimConversation>>(NewObject<UTimConversationsNode>(), WorldContext, [](UTimSubsystem* Tim, const auto& Fire) { Tim->GetConversations(Fire); });
}

UTimCountNode* UTimCountNode::TimGetTotalUnread(UObject* WorldContext)
{
	return Prepared<int32>(NewObject<UTimCountNode>(), WorldContext, [](UTimSubsystem* Tim, const auto& Fire) {
		Tim->GetTotalUnread([Fire](int32 Count, const FTimError& Error) { Fire(Count, Error); });
	});
}
