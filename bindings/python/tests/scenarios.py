#!/usr/bin/env python3
"""The scenarios of bindings/scenarios.txt in Python: `scenarios.py list`, `scenarios.py NAME`.

tests/scenarios.rs starts it and says what stands in the environment. Most are written with asyncio,
as most programs are; `chat`, `history` and `uninit_in_callback` with the synchronous calls.
"""

import asyncio
import inspect
import os
import queue
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import tim  # noqa: E402

WAIT = 60
BOT = os.environ.get("TIM_BOT", "")
UNREAD = "conv_get_total_unread_message_count_result_unread_count"


def client():
    folder = os.environ["TIM_DIR"]
    return tim.Client(
        int(os.environ["TIM_APP_ID"]),
        config_file_path=folder + "/data",
        log_file_path=folder + "/log",
    )


def me(name="TIM_USER"):
    """User ID and ticket."""
    return os.environ[name], os.environ[name + "_SIG"]


def text(message):
    return message["message_elem_array"][0]["text_elem_content"]


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} and not {wanted!r}")


def refused(code, function, *arguments):
    try:
        function(*arguments)
    except tim.Error as error:
        equal(error.code, code)
    else:
        raise AssertionError(f"{arguments} was accepted and not refused with {code}")


async def fails(code, call):
    try:
        await call
    except tim.Error as error:
        equal(error.code, code)
        return error
    raise AssertionError(f"it succeeded and did not fail with {code}")


async def asks(one, words, messages):
    """Sends to the bot and gives its answer."""
    await one.send_text(BOT, words)
    async for message in messages:
        return text(message)


async def login():
    for _ in range(2):
        async with client() as one:
            await one.login(*me())
            equal((one.login_status(), one.login_user()), (tim.TIM_LOGIN_STATUS_LOGINED, me()[0]))
            equal((await one.total_unread())[UNREAD], 0)
            await one.logout()
            equal((one.login_status(), one.login_user()), (tim.TIM_LOGIN_STATUS_UN_LOGINED, ""))


async def refused_ticket():
    async with client() as one:
        error = await fails(
            tim.TIM_ERR_USER_SIG_EXPIRED, one.login(me()[0], os.environ["TIM_EXPIRED_SIG"])
        )
        assert error.desc, "it says nothing"
        equal(one.login_status(), tim.TIM_LOGIN_STATUS_UN_LOGINED)
        await one.login(*me())
        equal(one.login_status(), tim.TIM_LOGIN_STATUS_LOGINED)


def chat():
    came = queue.Queue()
    with client() as one:
        one.on("messages", lambda messages: [came.put(message) for message in messages])
        one.login(*me()).result(WAIT)
        sending = one.send_text(BOT, "echo hello")
        sent = sending.result(WAIT)
        assert sent["message_msg_id"], sent
        equal(sending.message_id, sent["message_msg_id"])
        equal(sent["message_status"], tim.TIM_MSG_SEND_SUCC)
        equal(text(came.get(timeout=WAIT)), "hello")
        one.mark_read(BOT).result(WAIT)
        (conversation,) = one.conversations().result(WAIT)
        equal((conversation["conv_id"], conversation["conv_unread_num"]), (BOT, 0))
        equal(text(conversation["conv_last_msg"]), "hello")


def history():
    with client() as one:
        one.login(*me()).result(WAIT)
        for number in range(1, 26):
            one.send_text(BOT, str(number)).result(WAIT)
        page = one.history(BOT, 20).result(WAIT)
        equal([text(m) for m in page], [str(n) for n in range(25, 5, -1)])
        page = one.history(BOT, 20, last=page[-1]).result(WAIT)
        equal([text(m) for m in page], [str(n) for n in range(5, 0, -1)])


async def kicked():
    async with client() as one:
        times = one.events("kicked_offline")
        await one.login(*me())
        await one.send_text(BOT, "kick me")
        equal(await times.__anext__(), ())
        equal(one.login_status(), tim.TIM_LOGIN_STATUS_UN_LOGINED)
        # A second one would stand before what comes next.
        await fails(tim.TIM_ERR_SDK_NOT_LOGGED_IN, one.send_text(BOT, "echo nothing"))
    equal([time async for time in times], [])


async def expired():
    async with client() as one:
        messages, times = one.messages(), one.events("user_sig_expired")
        await one.login(*me())
        await one.login(me()[0], await asks(one, "ticket 2", messages))
        equal(await times.__anext__(), ())
        await one.login(*me())
        equal(await asks(one, "echo again", messages), "again")
    equal([time async for time in times], [])


async def account_switch():
    async with client() as one:
        messages = one.messages()
        await one.login(*me())
        await one.send_text(BOT, "1")
        await one.logout()
        await one.login(*me("TIM_OTHER"))
        equal(await one.conversations(), [])
        equal(await one.history(BOT), [])
        equal(await asks(one, "echo mine", messages), "mine")
        await one.logout()
        await one.login(*me())
        equal([text(m) for m in await one.history(BOT)], ["1"])


async def ten_thousand():
    async with client() as one:
        messages = one.messages()
        await one.login(*me())
        await one.send_text(BOT, "send 10000")
        number = 0
        async for message in messages:
            number += 1
            equal(text(message), str(number))
            if number == 10_000:
                break
        # Whatever came twice stands before the answer.
        equal(await asks(one, "echo done", messages), "done")


def uninit_in_callback():
    one, closed = client(), queue.Queue()
    one.on("messages", lambda messages: (one.close(), closed.put(text(messages[0]))))
    one.start()
    one.login(*me()).result(WAIT)
    one.send_text(BOT, "echo x")
    equal(closed.get(timeout=WAIT), "x")
    # It takes effect when the callback has returned, which a tim_init waits for.
    again = client()
    again.start()
    again.close()
    try:
        again.conversations().result(WAIT)
    except tim.Error as error:
        equal(error.code, tim.TIM_ERR_SDK_NOT_INITIALIZED)
    else:
        raise AssertionError("a call after uninit was not refused")
    again.start()
    again.login(*me()).result(WAIT)
    equal(again.login_user(), me()[0])
    again.close()


async def exit_while_busy():
    one = client()
    one.start_in_loop()
    await one.login(*me())
    for number in range(100):
        one.send_text(BOT, str(number))
    # The program ends here, without waiting and without a close.


async def bad_arguments():
    await fails(tim.TIM_ERR_SDK_NOT_INITIALIZED, tim.api.conv_get_conv_list())
    async with client() as one:
        messages = one.messages()
        await one.login(*me())
        refused(tim.TIM_ERR_PARAM, one.send_text, "", "nobody")
        refused(tim.TIM_ERR_PARAM, tim.call, "tim_get_user_status", None)
        refused(tim.TIM_ERR_JSON, tim.call, "tim_get_user_status", '["broken"')
        refused(tim.TIM_ERR_JSON, tim.call, "tim_get_user_status", {"no": "array"})
        refused(tim.TIM_ERR_PARAM, tim.call, "tim_login", b"\xff\xfe", "ticket")
        refused(tim.TIM_ERR_CONV, tim.api.msg_report_readed, BOT, 7, None)
        await fails(tim.TIM_ERR_SDK_COMM_INVALID_IDENTIFIER, one.send_text("no body", "x"))
        await fails(tim.TIM_ERR_INVALID_PARAMETERS, one.send(BOT, {"message_elem_array": []}))
        equal(await asks(one, "echo still", messages), "still")


SCENARIOS = [
    login, refused_ticket, chat, history, kicked, expired, account_switch, ten_thousand,
    uninit_in_callback, exit_while_busy, bad_arguments,
]  # fmt: skip


def main():
    programs = {scenario.__name__: scenario for scenario in SCENARIOS}
    if sys.argv[1:] == ["list"]:
        print(*programs, sep="\n")
        return
    program = programs[sys.argv[1]]
    if inspect.iscoroutinefunction(program):
        asyncio.run(asyncio.wait_for(program(), WAIT))
    else:
        program()


if __name__ == "__main__":
    main()
