// A game with stand-ins for the engine, and what hears it, for the programs beside this file.
#pragma once

#include <chrono>
#include <thread>

#include "TimClient.h"
#include "TimConvert.h"
#include "TimNodes.h"
#include "TimSettings.h"
#include "TimSubsystem.h"

#define TRUE(Condition, ...)                                                                    \
	do                                                                                          \
	{                                                                                           \
		if (!(Condition))                                                                       \
		{                                                                                       \
			std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #Condition);        \
			std::fprintf(stderr, "%s\n", TimConvert::ToUtf8(Last.Name + TEXT(" ") + Last.Text).c_str()); \
			std::_Exit(1);                                                                      \
		}                                                                                       \
	} while (0)

/** The last outcome, for the text of a failure. */
inline FTimError Last;

inline FString Env(const char* Name)
{
	const char* Value = std::getenv(Name);
	return Value ? TimConvert::From(std::string(Value)) : FString();
}

inline void Frame() { FTSTicker::GetCoreTicker().Tick(0.016f); }

template <class F>
inline void FramesUntil(const char* What, F Is)
{
	const auto End = std::chrono::steady_clock::now() + std::chrono::seconds(60);
	while (!Is())
	{
		if (std::chrono::steady_clock::now() > End)
		{
			std::fprintf(stderr, "waited 60 s for %s\n", What);
			std::_Exit(1);
		}
		Frame();
		std::this_thread::sleep_for(std::chrono::milliseconds(2));
	}
}

/** Hears everything, as a Blueprint does. */
class UReceiver : public UObject
{
public:
	void Messages(const TArray<FTimMessage>& Told) { for (const FTimMessage& Message : Told) Texts.Add(Message); }
	void Conversations(ETimConversationEvent, const TArray<FTimConversation>& Told) { ConversationCount += Told.Num(); }
	void Network(ETimNetworkState State, const FTimError&) { bConnected = State == ETimNetworkState::Connected; }
	void Unread(int32 Count) { TotalUnread = Count; }
	void Kicked() { KickedCount++; }
	void Expired() { ExpiredCount++; }
	void Done(const FTimError& Error) { Last = Error; DoneCount++; }
	void Message(const FTimMessage& Given, const FTimError& Error) { Sent = Given; Done(Error); }
	void Page(const TArray<FTimMessage>& Given, const FTimError& Error) { History = Given; Done(Error); }
	void List(const TArray<FTimConversation>& Given, const FTimError& Error) { All = Given; Done(Error); }
	void Total(int32 Count, const FTimError& Error) { TotalUnread = Count; Done(Error); }
	void Good(const FTimError& Error) { GoodCount++; Done(Error); }

	void StopIt(const TArray<FTimMessage>&) { Tim->Stop(); }

	TArray<FTimMessage> Texts, History;
	TArray<FTimConversation> All;
	FTimMessage Sent;
	UTimSubsystem* Tim = nullptr;
	int32 ConversationCount = 0, TotalUnread = 0, KickedCount = 0, ExpiredCount = 0, DoneCount = 0, GoodCount = 0;
	bool bConnected = false;
};

/** From play to stop. */
class FGame
{
public:
	explicit FGame(bool bDedicated = false)
	{
		Tim.StubGame = &Game;
		Game.bDedicated = bDedicated;
		World.Game = &Game;
		Game.Subsystem = &Tim;
		FSubsystemCollectionBase Collection;
		Tim.Initialize(Collection);
		Tim.OnMessages.AddDynamic(&Ear, &UReceiver::Messages);
		Tim.OnConversations.AddDynamic(&Ear, &UReceiver::Conversations);
		Tim.OnNetwork.AddDynamic(&Ear, &UReceiver::Network);
		Tim.OnTotalUnread.AddDynamic(&Ear, &UReceiver::Unread);
		Tim.OnKicked.AddDynamic(&Ear, &UReceiver::Kicked);
		Tim.OnTicketExpired.AddDynamic(&Ear, &UReceiver::Expired);
		Ear.Tim = &Tim;
	}
	~FGame() { if (!bEnded) End(); }
	void End()
	{
		bEnded = true;
		Tim.Deinitialize();
		Game.Subsystem = nullptr;
	}

	/** Waits for a node's pin; true: it was OnSuccess. */
	template <class N, class F>
	bool Do(N* Node, F Handler)
	{
		bool bGood = false;
		const int32 Before = Ear.DoneCount;
		Node->OnSuccess.AddDynamic(&Ear, Handler);
		Node->OnFailure.AddDynamic(&Ear, Handler);
		Node->Activate();
		FramesUntil("a node", [&] { return Ear.DoneCount != Before; });
		TRUE(Ear.DoneCount == Before + 1);
		bGood = Last.IsOk();
		return bGood;
	}
	bool Login(const FString& User, const FString& Ticket) { return Do(UTimDoneNode::TimLogin(&World, User, Ticket), &UReceiver::Done); }
	bool Send(const FString& Text) { return Do(UTimMessageNode::TimSendText(&World, Env("TIM_BOT"), Text), &UReceiver::Message); }
	bool Send(const char16_t* Text) { return Send(FString(Text)); }
	/** The bot's answer to this, as a new message. */
	FTimMessage Answer(const FString& Text)
	{
		const int32 Before = Ear.Texts.Num();
		TRUE(Send(Text));
		FramesUntil("an answer", [&] { return Ear.Texts.Num() > Before; });
		return Ear.Texts.Last();
	}

	UGameInstance Game;
	UWorld World;
	UTimSubsystem Tim;
	UReceiver Ear;
	bool bEnded = false;
};

inline const FString Bot = Env("TIM_BOT"), User = Env("TIM_USER"), Ticket = Env("TIM_USER_SIG");
