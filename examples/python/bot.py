"""A bot in asyncio: whoever writes "echo WORDS" to it gets WORDS.

    bot.py

The environment says where to and who: TIM_SERVER_URL and TIM_SERVER_CA, which libtim reads itself,
TIM_APP_ID, TIM_USER and TIM_USER_SIG (the ticket).
"""

import asyncio
import os
import signal
import sys

import tim


def text(message):
    return "".join(elem.get("text_elem_content", "") for elem in message["message_elem_array"])


async def answer(client, messages):
    async for message in messages:
        words = text(message)
        if words.startswith("echo "):
            await client.send_text(message["message_sender"], words[5:])
        await client.mark_read(message["message_conv_id"])


async def leave_when_told(client, answering):
    """Until another device takes this one's place, or the ticket ends, which a bot cannot mend."""
    kicked = client.events("kicked_offline")
    expired = client.events("user_sig_expired")
    endings = [asyncio.ensure_future(stream.__anext__()) for stream in (kicked, expired)]
    try:
        await asyncio.wait([*endings, answering], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for ending in endings:
            ending.cancel()


async def main():
    async with tim.Client(int(os.environ["TIM_APP_ID"])) as client:
        # Before the login, so that nothing that came meanwhile is missed.
        messages = client.messages()
        await client.login(os.environ["TIM_USER"], os.environ["TIM_USER_SIG"])
        answering = asyncio.ensure_future(answer(client, messages))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, answering.cancel)
        print("ready", flush=True)
        await leave_when_told(client, answering)
        if answering.done() and not answering.cancelled():
            answering.result()  # What went wrong.
        answering.cancel()
        if client.login_status() == tim.TIM_LOGIN_STATUS_LOGINED:
            await client.logout()


try:
    asyncio.run(main())
except tim.Error as error:
    sys.exit(f"bot: {error}")
