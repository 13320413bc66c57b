#pragma once

#include "CoreMinimal.h"
#include "TimClient.h"
#include "TimTypes.h"

/** Between libtim's values and Unreal's. */
namespace TimConvert
{
	/** A NUL inside stays: in texts it is sent, in user IDs refused. */
	inline std::string ToUtf8(const FString& Text)
	{
		const FTCHARToUTF8 Utf8(*Text, Text.Len());
		return std::string(reinterpret_cast<const char*>(Utf8.Get()), static_cast<size_t>(Utf8.Length()));
	}

	inline FString From(const std::string& Text)
	{
		const FUTF8ToTCHAR Utf16(Text.data(), static_cast<int32>(Text.size()));
		FString Result;
		Result.AppendChars(Utf16.Get(), Utf16.Length());
		return Result;
	}

	inline FTimError From(const tim::Error& Error)
	{
		FTimError Result;
		Result.Code = Error.code();
		Result.Name = From(std::string(Error.name()));
		Result.Text = From(Error.desc());
		return Result;
	}

	inline FTimError Failure(int32 Code, const char* Text)
	{
		return From(tim::Error(Code, Text));
	}

	inline int32 From(const tim::GetTotalUnreadNumberResult& Total)
	{
		return Total.unread_count;
	}

	FTimMessage From(const tim::Message& Message);
	FTimReceipt From(const tim::MessageReceipt& Receipt);
	FTimConversation From(const tim::ConvInfo& Conversation);
	FTimUserPresence From(const tim::UserStatus& Status);

	template <class T>
	auto From(const std::vector<T>& Values)
	{
		TArray<decltype(From(Values[0]))> Result;
		Result.Reserve(static_cast<int32>(Values.size()));
		for (const T& Value : Values)
		{
			Result.Add(From(Value));
		}
		return Result;
	}
}
