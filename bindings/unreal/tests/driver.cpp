// Plays as a game does, with stand-ins for the engine, against a real server: tests/scenarios.rs runs it. Everything that
// is said of the plugin's behaviour in docs/unreal.md is looked at here, or in scenarios.cpp.
#include "game.h"

IModuleInterface* StubModule_Tim();

// Of scenarios.cpp.
void ListScenarios();
bool RunScenario(const std::string& Wanted);

static size_t CollectGarbage(UGameInstance* Game)
{
	std::vector<UObject*> Kept;
	for (UObject* Object : StubObjects())
	{
		const auto& Referenced = Game->Referenced;
		if (std::find(Referenced.begin(), Referenced.end(), Object) != Referenced.end()) Kept.push_back(Object);
		else delete Object;
	}
	StubObjects() = Kept;
	return Kept.size();
}

static void NotStarted()
{
	FGame Game;
	TRUE(!Game.Tim.IsStarted() && FTSTicker::GetCoreTicker().Count() == 0);
	TRUE(!Game.Login(User, Ticket) && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED && Last.Text.Contains(TEXT("Auto Start")));
	TRUE(Last.Name == TEXT("TIM_ERR_SDK_NOT_INITIALIZED"));
	TRUE(!Game.Send(TEXT("x")) && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED);
	Game.Tim.Login(User, Ticket);
	TRUE(Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedOut && Game.Tim.GetLoginUser().IsEmpty() && !Game.Tim.GetClient());
	// No number of an app.
	Last = Game.Tim.Start();
	TRUE(Last.Code == TIM_ERR_PARAM && !Last.Text.IsEmpty() && !Game.Tim.IsStarted());
	// In the editor, without a game.
	UTimDoneNode* Node = UTimDoneNode::TimLogout(nullptr);
	Node->OnFailure.AddDynamic(&Game.Ear, &UReceiver::Good);
	Node->Activate();
	TRUE(Game.Ear.GoodCount == 1 && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED);
	FCoreDelegates::ApplicationHasEnteredForegroundDelegate.Broadcast();
}

static void Chat(FGame& Game)
{
	FramesUntil("a connection", [&] { return Game.Ear.bConnected; });
	TRUE(!Game.Login(User, Env("TIM_EXPIRED_SIG")) && Last.Code == 6206 && Last.Name.StartsWith(TEXT("TIM_ERR_")) && !Last.Text.IsEmpty());
	TRUE(Game.Login(User, Ticket) && Game.Tim.GetLoginUser() == User && Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedIn);
	Game.Ear.TotalUnread = -1;
	TRUE(Game.Do(UTimCountNode::TimGetTotalUnread(&Game.World), &UReceiver::Total) && Game.Ear.TotalUnread == 0);
	const FTimMessage Answer = Game.Answer(TEXT("echo h\u00e9llo \U0001F600 \"there\""));
	TRUE(Game.Ear.Sent.Status == ETimMessageStatus::Sent && !Game.Ear.Sent.Id.IsEmpty() && Game.Ear.Sent.bFromSelf && Game.Ear.Sent.Seq == 1);
	TRUE(Answer.Text == TEXT("h\u00e9llo \U0001F600 \"there\"") && Answer.Sender == Bot && Answer.Conversation == Bot && !Answer.bFromSelf);
	TRUE(Answer.Json.Contains(TEXT("message_elem_array")) && Answer.Time.ToUnixTimestamp() > 1700000000);
	FramesUntil("an unread message", [&] { return Game.Ear.TotalUnread == 1; });
	TRUE(Game.Do(UTimDoneNode::TimMarkRead(&Game.World, Bot), &UReceiver::Done));
	FramesUntil("none unread", [&] { return Game.Ear.TotalUnread == 0; });
	TRUE(Game.Do(UTimConversationsNode::TimGetConversations(&Game.World), &UReceiver::List));
	TRUE(Game.Ear.All.Num() == 1 && Game.Ear.All[0].Id == Bot && Game.Ear.All[0].Unread == 0 && Game.Ear.All[0].LastMessage.Id == Answer.Id);
	TRUE(Game.Ear.All[0].ActiveTime.ToUnixTimestamp() > 1700000000 && Game.Ear.ConversationCount > 0);
	// Pages of one message each.
	TRUE(Game.Do(UTimMessagesNode::TimGetHistory(&Game.World, Bot, FTimMessage(), 1), &UReceiver::Page));
	TRUE(Game.Ear.History.Num() == 1 && Game.Ear.History[0].Id == Answer.Id);
	const FTimMessage Newest = Game.Ear.History[0];
	TRUE(Game.Do(UTimMessagesNode::TimGetHistory(&Game.World, Bot, Newest, 1), &UReceiver::Page));
	TRUE(Game.Ear.History.Num() == 1 && Game.Ear.History[0].Id == Game.Ear.Sent.Id);
}

static void Refused(FGame& Game)
{
	FString Nul(TEXT("a"));
	Nul.AppendChars(TEXT("\0b"), 2);
	TRUE(Nul.Len() == 3 && !Game.Login(Nul, Ticket) && Last.Code == TIM_ERR_PARAM);
	FTimMessage Broken;
	Broken.Json = TEXT("{");
	TRUE(!Game.Do(UTimMessagesNode::TimGetHistory(&Game.World, Bot, Broken, 1), &UReceiver::Page) && Last.Code == TIM_ERR_JSON);
	TRUE(!Game.Login(TEXT(""), Ticket) && Last.Code == TIM_ERR_PARAM);
	// There is one libtim: another game instance in the editor does not get it, and does no harm.
	FGame Second;
	TRUE(!Second.Tim.IsStarted());
	Last = Second.Tim.Start();
	TRUE(Last.Code == TIM_ERR_PARAM && Last.Text.Contains(TEXT("already")));
	Second.End();
	TRUE(Game.Answer(FString(TEXT("echo ")) + Nul).Text == Nul);
}

static void Presence(FGame& Game)
{
	TRUE(Game.Do(UTimDoneNode::TimSubscribePresence(&Game.World, TArray<FString>{Bot}), &UReceiver::Done));
	// By way of the client underneath.
	TArray<FTimUserPresence> Seen;
	Game.Tim.GetClient()->get_user_status({TimConvert::ToUtf8(Bot)}).then([&](tim::Result<std::vector<tim::UserStatus>> Result) {
		if (Result) Seen = TimConvert::From(*Result);
	});
	FramesUntil("a status", [&] { return Seen.Num() > 0; });
	TRUE(Seen[0].UserId == Bot && Seen[0].Presence == ETimPresence::Online && Seen[0].Json.Contains(TEXT("user_status_status_type")));
}

static void ATickHasABound(FGame& Game)
{
	GetMutableDefault<UTimSettings>()->MaxCallbacksPerTick = 1;
	int32 Done = 0;
	for (int I = 0; I < 20; I++)
	{
		Game.Tim.GetConversations([&](const TArray<FTimConversation>&, const FTimError&) { Done++; });
	}
	// All answers are there before one is looked at.
	const auto End = std::chrono::steady_clock::now() + std::chrono::seconds(60);
	for (int64 Waiting = 0; Waiting < 20;)
	{
		TRUE(std::chrono::steady_clock::now() < End);
		const std::string Stats = Game.Tim.GetClient()->stats();
		Waiting = std::atoll(Stats.c_str() + Stats.find("\"jobs_waiting\":") + 15);
	}
	while (Done < 20)
	{
		const int32 Before = Done;
		Frame();
		TRUE(Done <= Before + 1);
	}
	GetMutableDefault<UTimSettings>()->MaxCallbacksPerTick = 100;
}

static void Background(FGame& Game)
{
	FCoreDelegates::ApplicationWillEnterBackgroundDelegate.Broadcast();
	TRUE(!Game.Do(UTimDoneNode::TimMarkRead(&Game.World, Bot), &UReceiver::Done) && Last.Code == TIM_ERR_SUSPENDED);
	FCoreDelegates::ApplicationHasEnteredForegroundDelegate.Broadcast();
	TRUE(Game.Answer(TEXT("echo resumed")).Text == TEXT("resumed"));
	GetMutableDefault<UTimSettings>()->bSuspendInBackground = false;
	FCoreDelegates::ApplicationWillEnterBackgroundDelegate.Broadcast();
	TRUE(Game.Do(UTimDoneNode::TimMarkRead(&Game.World, Bot), &UReceiver::Done));
	FCoreDelegates::ApplicationHasEnteredForegroundDelegate.Broadcast();
	GetMutableDefault<UTimSettings>()->bSuspendInBackground = true;
}

static void KickedAndExpired(FGame& Game)
{
	TRUE(Game.Send(TEXT("kick me")));
	FramesUntil("being kicked", [&] { return Game.Ear.KickedCount > 0; });
	TRUE(Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedOut);
	TRUE(!Game.Send(TEXT("x")) && Last.Code == TIM_ERR_SDK_NOT_LOGGED_IN);
	TRUE(Game.Login(User, Ticket));
	const FTimMessage Short = Game.Answer(TEXT("ticket 2"));
	TRUE(Game.Login(User, Short.Text));
	FramesUntil("an expired ticket", [&] { return Game.Ear.ExpiredCount > 0; });
	TRUE(Game.Login(User, Ticket));
	TRUE(Game.Answer(TEXT("echo again")).Text == TEXT("again"));
	TRUE(Game.Ear.ExpiredCount == 1 && Game.Ear.KickedCount == 1);
}

/** Many calls are pending when play ends: each has one outcome by then, and none comes later. */
static void EndsWhileBusy(FGame& Game)
{
	TRUE(CollectGarbage(&Game.Game) == 0);
	int32 Called = 0, Wrong = 0;
	const int32 Before = Game.Ear.DoneCount;
	for (int I = 0; I < 100; I++)
	{
		Game.Tim.SendText(Bot, TEXT("1"), [&](const FTimMessage&, const FTimError& Error) {
			Called++;
			Wrong += Error.Code != 0 && Error.Code != TIM_ERR_SDK_COMM_INTERRUPT;
		});
		UTimMessageNode* Node = UTimMessageNode::TimSendText(&Game.World, Bot, TEXT("2"));
		Node->OnSuccess.AddDynamic(&Game.Ear, &UReceiver::Message);
		Node->OnFailure.AddDynamic(&Game.Ear, &UReceiver::Message);
		Node->Activate();
		// Nobody needs this one any more: it is gone before its outcome comes.
		if (I < 10) Node->SetReadyToDestroy();
	}
	TRUE(CollectGarbage(&Game.Game) == 90);
	Game.End();
	TRUE(Called == 100 && Wrong == 0 && Game.Ear.DoneCount == Before + 90);
	TRUE(FTSTicker::GetCoreTicker().Count() == 0 && !Game.Tim.IsStarted() && CollectGarbage(&Game.Game) == 0);
	TRUE(!FCoreDelegates::ApplicationWillEnterBackgroundDelegate.IsBound() && !FCoreDelegates::ApplicationHasEnteredForegroundDelegate.IsBound());
	Frame();
	TRUE(Called == 100);
}

/** Stop in the middle of an event, and a start afterwards. */
static void StopsInAnEvent(FGame& Game)
{
	TRUE(Game.Tim.IsStarted() && Game.Login(User, Ticket));
	TRUE(Game.Answer(TEXT("echo restarted")).Text == TEXT("restarted"));
	Game.Tim.OnMessages.AddDynamic(&Game.Ear, &UReceiver::StopIt);
	TRUE(Game.Send(TEXT("echo stop")));
	FramesUntil("the stop", [&] { return !Game.Tim.IsStarted(); });
	TRUE(FTSTicker::GetCoreTicker().Count() == 0 && !Game.Login(User, Ticket));
	Last = Game.Tim.Start();
	TRUE(Last.IsOk() && Game.Login(User, Ticket) && Game.Tim.GetLoginUser() == User);
	TRUE(Game.Do(UTimDoneNode::TimLogout(&Game.World), &UReceiver::Done) && Game.Tim.GetLoginUser().IsEmpty());
}

static void Values()
{
	tim::MessageReceipt Receipt;
	Receipt.conv_id = "bob";
	Receipt.time_stamp = 1700000000;
	const FTimReceipt Made = TimConvert::From(Receipt);
	TRUE(Made.Conversation == TEXT("bob") && Made.Time.ToUnixTimestamp() == 1700000000 && Made.Json.Contains(TEXT("msg_receipt_time_stamp")));
	TRUE(TimConvert::From(tim::Message()).Time.GetTicks() == 0);
	tim::ConvInfo Many;
	Many.unread_num = ~0ull;
	TRUE(TimConvert::From(Many).Unread == MAX_int32);
}

/** The project's settings. The library could read them from the environment; the plugin shall not rely on that. */
static void FindServer()
{
	UTimSettings* Settings = GetMutableDefault<UTimSettings>();
	Settings->AppId = std::atoll(std::getenv("TIM_APP_ID"));
	Settings->ServerUrl = Env("TIM_SERVER_URL");
	Settings->CaFile = Env("TIM_SERVER_CA");
	unsetenv("TIM_SERVER_URL");
	unsetenv("TIM_SERVER_CA");
}

/** Everything that is not in the list of the scenarios, in one process. */
static void Play()
{
	IModuleInterface* Module = StubModule_Tim();
	Module->StartupModule();
	Values();
	NotStarted();
	FindServer();
	UTimSettings* Settings = GetMutableDefault<UTimSettings>();
	{
		FGame Game;
		Last = Game.Tim.Start();
		TRUE(Last.IsOk() && FTSTicker::GetCoreTicker().Count() == 1);
		Chat(Game);
		Refused(Game);
		Presence(Game);
		ATickHasABound(Game);
		Background(Game);
		KickedAndExpired(Game);
		EndsWhileBusy(Game);
	}
	Settings->bAutoStart = true;
	for (int Play = 0; Play < 2; Play++)
	{
		FGame Server(true);
		TRUE(!Server.Tim.IsStarted());
		FGame Game;
		StopsInAnEvent(Game);
	}
	Module->ShutdownModule();
	delete Module;
	std::printf("unreal: three games in one process\n");
}

/** `driver list` prints the names of the scenarios, `driver NAME` runs one, `driver` alone plays. */
int main(int Count, char** Arguments)
{
	UEngine Engine;
	GEngine = &Engine;
	const std::string Asked = Count > 1 ? Arguments[1] : "";
	if (Asked.empty())
	{
		Play();
		return 0;
	}
	if (Asked == "list")
	{
		ListScenarios();
		return 0;
	}
	FindServer();
	return RunScenario(Asked) ? 0 : 2;
}
