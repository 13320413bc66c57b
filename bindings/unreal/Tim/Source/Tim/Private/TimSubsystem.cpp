#include "TimSubsystem.h"

#include "Engine/GameInstance.h"
#include "Misc/CoreDelegates.h"
#include "Misc/Paths.h"
#include "TimClient.h"
#include "TimConvert.h"
#include "TimLog.h"
#include "TimSettings.h"

using TimConvert::From;
using TimConvert::ToUtf8;

void UTimSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	Super::Initialize(Collection);
	Background = FCoreDelegates::ApplicationWillEnterBackgroundDelegate.AddUObject(this, &UTimSubsystem::EnterBackground);
	Foreground = FCoreDelegates::ApplicationHasEnteredForegroundDelegate.AddUObject(this, &UTimSubsystem::EnterForeground);
	// In the editor a server may be in the same process, and would take libtim away from the player.
	if (GetDefault<UTimSettings>()->bAutoStart && !GetGameInstance()->IsDedicatedServerInstance())
	{
		Start();
	}
}

void UTimSubsystem::Deinitialize()
{
	FCoreDelegates::ApplicationWillEnterBackgroundDelegate.Remove(Background);
	FCoreDelegates::ApplicationHasEnteredForegroundDelegate.Remove(Foreground);
	Stop();
	Super::Deinitialize();
}

FTimError UTimSubsystem::Start()
{
	const UTimSettings* Settings = GetDefault<UTimSettings>();
	return StartWith(Settings->AppId, Settings->ServerUrl, Settings->CaFile);
}

FTimError UTimSubsystem::StartWith(int64 AppId, const FString& ServerUrl, const FString& CaFile)
{
	const FString Saved = FPaths::ConvertRelativePathToFull(FPaths::Combine(FPaths::ProjectSavedDir(), TEXT("Tim")));
	tim::SdkConfig Config;
	Config.callback_mode = "poll";
	Config.config_file_path = ToUtf8(FPaths::Combine(Saved, TEXT("Data")));
	Config.log_file_path = ToUtf8(FPaths::Combine(Saved, TEXT("Logs")));
	if (!ServerUrl.IsEmpty())
	{
		Config.server_url = ToUtf8(ServerUrl);
	}
	if (!CaFile.IsEmpty())
	{
		Config.server_ca_file = ToUtf8(FPaths::ConvertRelativePathToFull(FPaths::ProjectDir(), CaFile));
	}
	TPimplPtr<tim::Client> Made = MakePimpl<tim::Client>(static_cast<uint64>(AppId), Config);
	if (Made->error())
	{
		const FTimError Error = From(*Made->error());
		UE_LOG(LogTim, Error, TEXT("not started: %d %s: %s"), Error.Code, *Error.Name, *Error.Text);
		return Error;
	}
	Client = MoveTemp(Made);
	Listen();
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UTimSubsystem::Tick));
	return FTimError();
}

void UTimSubsystem::Stop()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	Ticker.Reset();
	// Completions of pending calls find no client any more.
	TPimplPtr<tim::Client> Ending = MoveTemp(Client);
	Ending.Reset();
}

bool UTimSubsystem::Tick(float)
{
	if (Client.IsValid())
	{
		// What runs here may stop the client.
		Client->poll(GetDefault<UTimSettings>()->MaxCallbacksPerTick, 0);
	}
	return true;
}

void UTimSubsystem::Listen()
{
	Client->on_recv_new_msg([this](const std::vector<tim::Message>& Messages) { OnMessages.Broadcast(From(Messages)); });
	Client->on_msg_readed_receipt([this](const std::vector<tim::MessageReceipt>& Receipts) { OnReceipts.Broadcast(From(Receipts)); });
	Client->on_conv_event([this](tim_conv_event Event, const std::vector<tim::ConvInfo>& Conversations) {
		OnConversations.Broadcast(static_cast<ETimConversationEvent>(Event), From(Conversations));
	});
	Client->on_conv_total_unread_message_count_changed([this](int Count) { OnTotalUnread.Broadcast(Count); });
	Client->on_user_status_changed([this](const std::vector<tim::UserStatus>& Users) { OnPresence.Broadcast(From(Users)); });
	Client->on_network_status_listener([this](tim_network_status State, int32_t Code, const std::string& Text) {
		const FTimError Error = Code == TIM_SUCC ? FTimError() : From(tim::Error(Code, Text));
		OnNetwork.Broadcast(static_cast<ETimNetworkState>(State), Error);
	});
	Client->on_kicked_offline([this]() { OnKicked.Broadcast(); });
	Client->on_user_sig_expired([this]() { OnTicketExpired.Broadcast(); });
}

void UTimSubsystem::EnterBackground()
{
	if (Client.IsValid() && GetDefault<UTimSettings>()->bSuspendInBackground)
	{
		const int Code = Client->suspend();
		if (Code != TIM_SUCC)
		{
			UE_LOG(LogTim, Warning, TEXT("not suspended: %d"), Code);
		}
	}
}

void UTimSubsystem::EnterForeground()
{
	// Also when the setting has changed meanwhile; it does nothing when it is not suspended.
	const int Code = Client.IsValid() ? Client->resume() : TIM_SUCC;
	if (Code != TIM_SUCC)
	{
		OnResumeFailed.Broadcast(TimConvert::Failure(Code, "the session has ended: log in again"));
	}
}

ETimLoginStatus UTimSubsystem::GetLoginStatus() const
{
	return Client.IsValid() ? static_cast<ETimLoginStatus>(Client->login_status()) : ETimLoginStatus::LoggedOut;
}

FString UTimSubsystem::GetLoginUser() const
{
	return Client.IsValid() ? From(Client->login_user()) : FString();
}

/** What a call without a client comes to. */
static FTimError NotStarted()
{
	return TimConvert::Failure(TIM_ERR_SDK_NOT_INITIALIZED, "call Start of UTimSubsystem first, or set Auto Start");
}

static void Finish(tim::Call<void> Call, TFunction<void(const FTimError&)> Done)
{
	Call.then([Done](tim::Result<void> Result) {
		if (Done)
		{
			Done(Result ? FTimError() : From(Result.error()));
		}
	});
}

/** Value: what the call gives, in Unreal's types. */
template <class Value, class T>
static void Finish(tim::Call<T> Call, TFunction<void(const Value&, const FTimError&)> Done)
{
	Call.then([Done](tim::Result<T> Result) {
		if (Done)
		{
			Result ? Done(From(*Result), FTimError()) : Done(Value(), From(Result.error()));
		}
	});
}

template <class Value>
static void Refuse(const TFunction<void(const Value&, const FTimError&)>& Done, const FTimError& Error)
{
	if (Done)
	{
		Done(Value(), Error);
	}
}

static void Refuse(const TFunction<void(const FTimError&)>& Done, const FTimError& Error)
{
	if (Done)
	{
		Done(Error);
	}
}

void UTimSubsystem::Login(const FString& UserId, const FString& Ticket, TFunction<void(const FTimError&)> Done)
{
	Client.IsValid() ? Finish(Client->login(ToUtf8(UserId), ToUtf8(Ticket)), MoveTemp(Done)) : Refuse(Done, NotStarted());
}

void UTimSubsystem::Logout(TFunction<void(const FTimError&)> Done)
{
	Client.IsValid() ? Finish(Client->logout(), MoveTemp(Done)) : Refuse(Done, NotStarted());
}

void UTimSubsystem::SendText(const FString& UserId, const FString& Text, TFunction<void(const FTimMessage&, const FTimError&)> Done)
{
	Client.IsValid() ? Finish(Client->send_text(ToUtf8(UserId), ToUtf8(Text)), MoveTemp(Done)) : Refuse(Done, NotStarted());
}

void UTimSubsystem::GetHistory(const FString& UserId, int32 Count, const FTimMessage& Before, TFunction<void(const TArray<FTimMessage>&, const FTimError&)> Done)
{
	if (!Client.IsValid())
	{
		Refuse(Done, NotStarted());
		return;
	}
	tim::MsgGetMsgListParam Page;
	Page.count = Count;
	if (!Before.Json.IsEmpty())
	{
		std::optional<tim::Message> Last = tim::from_json<tim::Message>(ToUtf8(Before.Json));
		if (!Last)
		{
			Refuse(Done, TimConvert::Failure(TIM_ERR_JSON, "Before is no message that came from Tim"));
			return;
		}
		Page.last_msg = *std::move(Last);
	}
	Finish(Client->msg_get_msg_list(ToUtf8(UserId), TIM_CONV_C2C, Page), MoveTemp(Done));
}

void UTimSubsystem::MarkRead(const FString& UserId, TFunction<void(const FTimError&)> Done)
{
	Client.IsValid() ? Finish(Client->msg_report_readed(ToUtf8(UserId), TIM_CONV_C2C), MoveTemp(Done)) : Refuse(Done, NotStarted());
}

void UTimSubsystem::GetConversations(TFunction<void(const TArray<FTimConversation>&, const FTimError&)> Done)
{
	Client.IsValid() ? Finish(Client->conv_get_conv_list(), MoveTemp(Done)) : Refuse(Done, NotStarted());
}

void UTimSubsystem::GetTotalUnread(TFunction<void(int32, const FTimError&)> Done)
{
	const TFunction<void(const int32&, const FTimError&)> Count = [Done](const int32& Given, const FTimError& Error) {
		if (Done)
		{
			Done(Given, Error);
		}
	};
	Client.IsValid() ? Finish(Client->conv_get_total_unread_message_count(), Count) : Refuse(Count, NotStarted());
}

void UTimSubsystem::SubscribePresence(const TArray<FString>& UserIds, TFunction<void(const FTimError&)> Done)
{
	std::vector<std::string> Users;
	for (const FString& UserId : UserIds)
	{
		Users.push_back(ToUtf8(UserId));
	}
	Client.IsValid() ? Finish(Client->subscribe_user_status(Users), MoveTemp(Done)) : Refuse(Done, NotStarted());
}
