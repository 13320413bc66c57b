// What bindings/scenarios.txt lists, in Unreal: with nodes and events, and a game in which a scenario says nothing else.
#include "game.h"

static const FString OtherUser = Env("TIM_OTHER"), OtherTicket = Env("TIM_OTHER_SIG");

/** A game that has started. */
class FStarted : public FGame
{
public:
	FStarted()
	{
		Last = Tim.Start();
		TRUE(Last.IsOk() && Tim.IsStarted());
	}
	bool Logout() { return Do(UTimDoneNode::TimLogout(&World), &UReceiver::Done); }
	/** A page of what was written with the bot, in Ear.History. */
	bool Page(const FTimMessage& Before = FTimMessage())
	{
		return Do(UTimMessagesNode::TimGetHistory(&World, Bot, Before, 20), &UReceiver::Page);
	}
	bool Conversations() { return Do(UTimConversationsNode::TimGetConversations(&World), &UReceiver::List); }
};

/** In which the user is logged in. */
class FLoggedIn : public FStarted
{
public:
	FLoggedIn() { TRUE(Login(User, Ticket)); }
};

static FString Number(int32 It) { return FString::FromInt(It); }

static void Login()
{
	for (int32 Time = 0; Time < 2; Time++)
	{
		FLoggedIn Game;
		TRUE(Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedIn && Game.Tim.GetLoginUser() == User);
		Game.Ear.TotalUnread = -1;
		TRUE(Game.Do(UTimCountNode::TimGetTotalUnread(&Game.World), &UReceiver::Total) && Game.Ear.TotalUnread == 0);
		TRUE(Game.Logout() && Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedOut);
	}
}

static void RefusedTicket()
{
	FStarted Game;
	TRUE(!Game.Login(User, Env("TIM_EXPIRED_SIG")) && Last.Code == TIM_ERR_USER_SIG_EXPIRED && !Last.Text.IsEmpty());
	TRUE(Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedOut);
	TRUE(Game.Login(User, Ticket) && Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedIn);
}

static void Chat()
{
	FLoggedIn Game;
	TRUE(Game.Answer(TEXT("echo hello")).Text == TEXT("hello"));
	TRUE(Game.Ear.Sent.Status == ETimMessageStatus::Sent && !Game.Ear.Sent.Id.IsEmpty());
	TRUE(Game.Do(UTimDoneNode::TimMarkRead(&Game.World, Bot), &UReceiver::Done));
	TRUE(Game.Conversations() && Game.Ear.All.Num() == 1);
	const FTimConversation& Only = Game.Ear.All[0];
	TRUE(Only.Id == Bot && Only.Unread == 0 && Only.LastMessage.Text == TEXT("hello"));
}

static void History()
{
	FLoggedIn Game;
	for (int32 I = 1; I <= 25; I++) TRUE(Game.Send(Number(I)));
	TRUE(Game.Page() && Game.Ear.History.Num() == 20);
	for (int32 I = 0; I < 20; I++) TRUE(Game.Ear.History[I].Text == Number(25 - I));
	const FTimMessage Before = Game.Ear.History.Last();
	TRUE(Game.Page(Before) && Game.Ear.History.Num() == 5);
	for (int32 I = 0; I < 5; I++) TRUE(Game.Ear.History[I].Text == Number(5 - I));
}

static void Kicked()
{
	FLoggedIn Game;
	Game.Tim.SendText(Bot, TEXT("kick me"));
	FramesUntil("being kicked", [&] { return Game.Ear.KickedCount > 0; });
	TRUE(Game.Tim.GetLoginStatus() == ETimLoginStatus::LoggedOut);
	Game.End();
	TRUE(Game.Ear.KickedCount == 1);
}

static void Expired()
{
	FLoggedIn Game;
	const FTimMessage Short = Game.Answer(TEXT("ticket 2"));
	TRUE(Game.Login(User, Short.Text));
	FramesUntil("an expired ticket", [&] { return Game.Ear.ExpiredCount > 0; });
	TRUE(Game.Login(User, Ticket));
	TRUE(Game.Answer(TEXT("echo again")).Text == TEXT("again"));
	TRUE(Game.Ear.ExpiredCount == 1);
}

static void AccountSwitch()
{
	FLoggedIn Game;
	TRUE(Game.Send(TEXT("1")) && Game.Logout());
	TRUE(Game.Login(OtherUser, OtherTicket) && Game.Tim.GetLoginUser() == OtherUser);
	TRUE(Game.Conversations() && Game.Ear.All.Num() == 0);
	TRUE(Game.Page() && Game.Ear.History.Num() == 0);
	TRUE(Game.Answer(TEXT("echo mine")).Text == TEXT("mine"));
	TRUE(Game.Logout() && Game.Login(User, Ticket));
	TRUE(Game.Page() && Game.Ear.History.Num() == 1 && Game.Ear.History[0].Text == TEXT("1"));
	TRUE(Game.Ear.Texts.Num() == 1);
}

static void TenThousand()
{
	FLoggedIn Game;
	TRUE(Game.Send(TEXT("send 10000")));
	for (int32 I = 0; I < 10000; I++)
	{
		FramesUntil("the next message", [&] { return Game.Ear.Texts.Num() > I; });
		TRUE(Game.Ear.Texts[I].Text == Number(I + 1) && Game.Ear.Texts[I].Sender == Bot);
	}
	// None comes twice: this is the next one.
	TRUE(Game.Answer(TEXT("echo end")).Text == TEXT("end") && Game.Ear.Texts.Num() == 10001);
}

static void StopInAnEvent()
{
	FLoggedIn Game;
	Game.Tim.OnMessages.AddDynamic(&Game.Ear, &UReceiver::StopIt);
	Game.Tim.SendText(Bot, TEXT("echo x"));
	FramesUntil("the stop", [&] { return !Game.Tim.IsStarted(); });
	// The event has returned.
	char Name[128];
	TRUE(tim_get_login_user_id(Name) == TIM_ERR_SDKUNINIT);
	TRUE(!Game.Send(TEXT("x")) && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED);
	TRUE(Game.Ear.Texts.Num() == 1);
	Game.End();
	FLoggedIn Again;
	TRUE(Again.Answer(TEXT("echo again")).Text == TEXT("again"));
}

/** The process ends as it does when nobody asks the game instance. */
static void ExitWhileBusy()
{
	FLoggedIn* Game = new FLoggedIn();
	for (int32 I = 0; I < 100; I++)
	{
		UTimMessageNode* Node = UTimMessageNode::TimSendText(&Game->World, Bot, TEXT("busy"));
		Node->OnSuccess.AddDynamic(&Game->Ear, &UReceiver::Message);
		Node->OnFailure.AddDynamic(&Game->Ear, &UReceiver::Message);
		Node->Activate();
	}
	Frame();
	std::exit(0);
}

static void BadArguments()
{
	FString Nul(Bot);
	Nul.AppendChars(TEXT("\0x"), 2);
	FTimMessage NoJson, Broken;
	NoJson.Json = TEXT("bob");
	Broken.Json = TEXT("{");
	{
		FGame Before;
		TRUE(!Before.Login(User, Ticket) && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED);
		TRUE(!Before.Send(TEXT("x")) && Last.Code == TIM_ERR_SDK_NOT_INITIALIZED);
		Last = Before.Tim.StartWith(0, Env("TIM_SERVER_URL"), FString());
		TRUE(Last.Code == TIM_ERR_PARAM && Last.Name == TEXT("TIM_ERR_PARAM") && !Last.Text.IsEmpty());
	}
	FLoggedIn Game;
	for (const FString& To : {FString(), Nul})
	{
		TRUE(!Game.Do(UTimMessageNode::TimSendText(&Game.World, To, TEXT("x")), &UReceiver::Message) && Last.Code == TIM_ERR_PARAM);
		TRUE(!Game.Login(To, Ticket) && Last.Code == TIM_ERR_PARAM);
	}
	TRUE(!Game.Page(NoJson) && Last.Code == TIM_ERR_JSON);
	TRUE(!Game.Page(Broken) && Last.Code == TIM_ERR_JSON);
	// A text that no UTF-8 can be: half a pair of surrogates comes as a question mark.
	FString Half(TEXT("echo "));
	const TCHAR Unit = 0xd83d;
	Half.AppendChars(&Unit, 1);
	TRUE(Game.Answer(Half).Text == TEXT("?"));
	TRUE(Game.Answer(TEXT("echo still")).Text == TEXT("still"));
}

static const std::pair<const char*, void (*)()> Scenarios[] = {
	{"login", Login},
	{"refused_ticket", RefusedTicket},
	{"chat", Chat},
	{"history", History},
	{"kicked", Kicked},
	{"expired", Expired},
	{"account_switch", AccountSwitch},
	{"ten_thousand", TenThousand},
	{"uninit_in_callback", StopInAnEvent},
	{"exit_while_busy", ExitWhileBusy},
	{"bad_arguments", BadArguments},
};

void ListScenarios()
{
	for (const auto& [Name, Run] : Scenarios) std::printf("%s\n", Name);
}

bool RunScenario(const std::string& Wanted)
{
	for (const auto& [Name, Run] : Scenarios)
	{
		if (Wanted != Name) continue;
		Run();
		return true;
	}
	return false;
}
