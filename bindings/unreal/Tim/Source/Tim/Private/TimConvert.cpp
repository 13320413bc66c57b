#include "TimConvert.h"

namespace TimConvert
{
	static FDateTime FromSeconds(uint64 Seconds)
	{
		return Seconds == 0 ? FDateTime(0) : FDateTime::FromUnixTimestamp(static_cast<int64>(Seconds));
	}

	FTimMessage From(const tim::Message& Message)
	{
		FTimMessage Result;
		Result.Id = From(Message.msg_id);
		Result.Conversation = From(Message.conv_id);
		Result.Sender = From(Message.sender);
		Result.Text = From(tim::text_of(Message));
		Result.Time = FromSeconds(Message.server_time != 0 ? Message.server_time : Message.client_time);
		Result.Seq = static_cast<int64>(Message.seq);
		Result.Status = static_cast<ETimMessageStatus>(Message.status);
		Result.bFromSelf = Message.is_from_self;
		Result.bPeerRead = Message.is_peer_read;
		Result.Json = From(tim::to_json(Message));
		return Result;
	}

	FTimReceipt From(const tim::MessageReceipt& Receipt)
	{
		FTimReceipt Result;
		Result.Conversation = From(Receipt.conv_id);
		Result.Time = FromSeconds(Receipt.time_stamp);
		Result.Json = From(tim::to_json(Receipt));
		return Result;
	}

	FTimConversation From(const tim::ConvInfo& Conversation)
	{
		FTimConversation Result;
		Result.Id = From(Conversation.id);
		Result.ShowName = From(Conversation.show_name);
		Result.Unread = static_cast<int32>(FMath::Min<uint64>(Conversation.unread_num, MAX_int32));
		Result.ActiveTime = FromSeconds(Conversation.active_time / 1000);
		if (Conversation.is_has_lastmsg && Conversation.last_msg)
		{
			Result.LastMessage = From(*Conversation.last_msg);
		}
		Result.Json = From(tim::to_json(Conversation));
		return Result;
	}

	FTimUserPresence From(const tim::UserStatus& Status)
	{
		FTimUserPresence Result;
		Result.UserId = From(Status.identifier);
		Result.Presence = static_cast<ETimPresence>(Status.status_type);
		Result.CustomStatus = From(Status.custom_status);
		Result.Json = From(tim::to_json(Status));
		return Result;
	}
}
