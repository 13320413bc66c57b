#pragma once

#include "CoreMinimal.h"

#include "TimTypes.generated.h"

/** Numbers of TIM_LOGIN_STATUS_… in tim.h. */
UENUM(BlueprintType)
enum class ETimLoginStatus : uint8
{
	None = 0 UMETA(Hidden),
	LoggedIn = 1,
	LoggingIn = 2,
	LoggedOut = 3,
	LoggingOut = 4,
};

/** Numbers of TIM_CONNECTED and its neighbours in tim.h. */
UENUM(BlueprintType)
enum class ETimNetworkState : uint8
{
	Connected = 0,
	Disconnected = 1,
	Connecting = 2,
	Failed = 3,
};

/** Numbers of TIM_CONV_EVENT_… in tim.h. */
UENUM(BlueprintType)
enum class ETimConversationEvent : uint8
{
	Added = 0,
	Removed = 1,
	Updated = 2,
	/** After a login: what changed meanwhile follows. */
	Started = 3,
	Finished = 4,
};

/** Numbers of TIM_USER_STATUS_TYPE_… in tim.h. */
UENUM(BlueprintType)
enum class ETimPresence : uint8
{
	Unknown = 0,
	Online = 1,
	Offline = 2,
	LoggedOut = 3,
};

/** Numbers of TIM_MSG_SEND… in tim.h. */
UENUM(BlueprintType)
enum class ETimMessageStatus : uint8
{
	None = 0,
	Sending = 1,
	Sent = 2,
	Failed = 3,
	Deleted = 4,
	LocalImported = 5,
	Revoked = 6,
};

/** What a call came to. */
USTRUCT(BlueprintType)
struct TIM_API FTimError
{
	GENERATED_BODY()

	/** 0: it succeeded. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	int32 Code = 0;

	/** The constant of tim.h, such as TIM_ERR_SDK_NOT_LOGGED_IN. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Name;

	/** For developers: what is wrong and what to do. Not for players. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Text;

	bool IsOk() const { return Code == 0; }
};

USTRUCT(BlueprintType)
struct TIM_API FTimMessage
{
	GENERATED_BODY()

	/** Its identity; never changes. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Id;

	/** User ID of the other one, whoever sent it. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Conversation;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Sender;

	/** The texts in it; empty when it has none. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Text;

	/** Server's clock, UTC; the sender's until the server has taken it. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FDateTime Time = FDateTime(0);

	/** Place in the conversation, from 1; 0 until the server has taken it. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	int64 Seq = 0;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	ETimMessageStatus Status = ETimMessageStatus::None;

	/** Sent by the user who is logged in, on whichever device. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	bool bFromSelf = false;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	bool bPeerRead = false;

	/** All of it: the object Message of tim.h. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Json;
};

USTRUCT(BlueprintType)
struct TIM_API FTimReceipt
{
	GENERATED_BODY()

	/** Who has read what was sent to them until then. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Conversation;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FDateTime Time = FDateTime(0);

	/** All of it: the object MessageReceipt of tim.h. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Json;
};

USTRUCT(BlueprintType)
struct TIM_API FTimConversation
{
	GENERATED_BODY()

	/** User ID of the other one. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Id;

	/** What to show. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString ShowName;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	int32 Unread = 0;

	/** When it last moved, UTC. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FDateTime ActiveTime = FDateTime(0);

	/** Its Id is empty when there is none. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FTimMessage LastMessage;

	/** All of it: the object ConvInfo of tim.h. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Json;
};

USTRUCT(BlueprintType)
struct TIM_API FTimUserPresence
{
	GENERATED_BODY()

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString UserId;

	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	ETimPresence Presence = ETimPresence::Unknown;

	/** The user's own words about it. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString CustomStatus;

	/** All of it: the object TIMUserStatus of tim.h. */
	UPROPERTY(BlueprintReadOnly, Category = "Tim")
	FString Json;
};
