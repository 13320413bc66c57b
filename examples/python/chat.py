"""A terminal chat in Python: log in, list conversations, chat, take back and change what was sent,
see presence and read receipts.

    chat.py bob alice           you are bob and write to alice

The environment says where to: TIM_SERVER_URL (wss://host:port) and TIM_SERVER_CA (file), which
libtim reads itself, TIM_APP_ID and TIM_USER_SIG (your ticket); TIM_LIBRARY_PATH names the library
when it is not installed, PYTHONPATH the folder of the package tim. `make chat-py` sets all of them.

Callbacks run on the thread that client.start() makes; this one waits for the keyboard.
"""

import os
import sys

import tim

NETWORK = ["connected", "disconnected", "connecting", "cannot connect"]
PRESENCE = ["unknown here", "online", "offline", "logged out"]

if len(sys.argv) != 3 or "TIM_APP_ID" not in os.environ or "TIM_USER_SIG" not in os.environ:
    sys.exit("usage: chat.py ME PEER, with TIM_SERVER_URL, TIM_SERVER_CA, TIM_APP_ID, TIM_USER_SIG set")
me, peer = sys.argv[1:]
client = tim.Client(int(os.environ["TIM_APP_ID"]))
last_sent = ""  # Its ID: what /undo takes back and /edit changes.


def say(*words):
    """Control characters become blanks: what others write cannot steer the terminal."""
    line = " ".join(words)
    print("".join(c if c.isprintable() else " " for c in line), flush=True)


def on_network(status, code, desc):
    say("*", NETWORK[status] + (f": {code} {desc}" if code else ""))


def say_message(message):
    if message["message_status"] == tim.TIM_MSG_REVOKED:
        say(message["message_sender"] + ": (taken back)")
        return
    for elem in message["message_elem_array"]:
        text = elem.get("text_elem_content", "(something that is not text)")
        say(message["message_sender"] + ":", text)


def on_messages(messages):
    for message in messages:
        say_message(message)
    # They have been seen: the peer gets a receipt, the unread count goes down.
    if any(message["message_conv_id"] == peer for message in messages):
        client.mark_read(peer)


def on_taken_back(locators):
    for locator in locators:
        say("*", locator["message_revoker_user_id"], "has taken a message back")


def on_changed(messages):
    for message in messages:
        say("* changed:")
        say_message(message)


def on_receipts(receipts):
    for receipt in receipts:
        say("*", receipt["msg_receipt_conv_id"], "has read your messages")


def on_presence(statuses):
    for status in statuses:
        say("*", status["user_status_identifier"], "is", PRESENCE[status["user_status_status_type"]])


def leave(reason):
    say("*", reason)
    os._exit(1)


def list_conversations():
    conversations = client.conversations().result()
    say("* conversations:", "" if conversations else "none yet")
    for conv in conversations:
        last = conv.get("conv_last_msg")
        end = "unread; the last message is" if last else "unread"
        say("*  ", conv["conv_id"] + ",", str(conv["conv_unread_num"]), end)
        if last:
            say_message(last)


def done(call, what):
    call.add_done_callback(
        lambda call: say(f"* not {what}: {error}" if (error := call.exception()) else f"* {what}")
    )


def text(words):
    return {"message_elem_array": [{"elem_type": tim.TIM_ELEM_TEXT, "text_elem_content": words}]}


def on_line(line):
    global last_sent
    if line == "/list":
        list_conversations()
    elif line == "/history":
        for message in reversed(client.history(peer).result()):
            say_message(message)
    elif line == "/undo" and last_sent:
        which = {"message_msg_id": last_sent}
        done(tim.api.msg_revoke(peer, tim.TIM_CONV_C2C, which), "taken back")
    elif line.startswith("/edit ") and last_sent:
        which = {"message_msg_id": last_sent, "message_conv_id": peer}
        which["message_conv_type"] = tim.TIM_CONV_C2C
        done(tim.api.msg_modify_message({**which, **text(line[6:])}), "changed")
    elif line:
        sending = client.send(peer, text(line))
        last_sent = sending.message_id
        done(sending, "sent")


# Listeners first, so that nothing is missed; then start, then login.
client.on("network", on_network)
client.on("messages", on_messages)
client.on("msg_revoke", on_taken_back)
client.on("msg_update", on_changed)
client.on("receipts", on_receipts)
client.on("user_status", on_presence)
client.on("kicked_offline", lambda: leave("logged in somewhere else, so this session ends"))
client.on("user_sig_expired", lambda: leave("the ticket has expired: get a new one and log in again"))
try:
    client.start()
    client.login(me, os.environ["TIM_USER_SIG"]).result()
    say("* logged in as", me + "; write to", peer + ", or /list, /history, /undo, /edit TEXT, /quit")
    client.subscribe_status(peer).result()
    on_presence(client.user_status(peer).result())
    list_conversations()
    for line in sys.stdin:
        if line.strip() == "/quit":
            break
        on_line(line.strip())
    client.logout().result()
    say("* logged out")
except tim.Error as error:
    sys.exit(f"* {error}")
finally:
    client.close()
