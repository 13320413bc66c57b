"""A program as users write them, for mypy --strict and to be run with an installed package.

typed_sample.py bot         answers what comes with the same words
typed_sample.py ask WORDS   asks the bot and prints its answer
"""

from __future__ import annotations

import asyncio
import os
import sys

import tim
from tim.types import ConvInfo, Message


def text(message: Message) -> str:
    return "".join(elem.get("text_elem_content", "") for elem in message["message_elem_array"])


def on_network(status: int, code: int, desc: str) -> None:
    if status == tim.TIM_CONNECT_FAILED:
        sys.exit(f"{code} {desc}")


async def bot(client: tim.Client, messages: tim.Stream[Message]) -> None:
    print("ready", flush=True)
    async for message in messages:
        sent: Message = await client.send_text(message["message_sender"], text(message))
        assert sent["message_status"] == tim.TIM_MSG_SEND_SUCC


async def ask(client: tim.Client, messages: tim.Stream[Message], words: str) -> None:
    call: tim.Call[Message] = client.send_text("bot", words)
    identity: str = call.message_id
    assert (await call)["message_msg_id"] == identity
    async for message in messages:
        print(text(message))
        break
    conversations: list[ConvInfo] = await client.conversations()
    assert [c["conv_id"] for c in conversations] == ["bot"]
    page: list[Message] = await tim.api.msg_get_msg_list("bot", tim.TIM_CONV_C2C, {})
    assert len(page) == 2
    try:
        await client.login("", "")
    except tim.Error as error:
        number: int = error.code
        assert number == tim.TIM_ERR_PARAM, error.name


def mypy_refuses(client: tim.Client) -> None:
    """Never called: under --strict, a comment that is not needed is an error too."""
    client.set_profile(nick_name="Bot", level=3, custom={"team": "red"})
    client.set_profile(nick_nam="Bot")  # type: ignore[call-arg]
    client.set_profile(level="3")  # type: ignore[arg-type]
    client.send_text(5, "x")  # type: ignore[arg-type]


async def main() -> None:
    client = tim.Client(int(os.environ["TIM_APP_ID"]))
    client.on("network", on_network)
    async with client:
        messages = client.messages()
        await client.login(os.environ["TIM_USER"], os.environ["TIM_USER_SIG"])
        if sys.argv[1] == "bot":
            await bot(client, messages)
        else:
            await ask(client, messages, sys.argv[2])


asyncio.run(main())
