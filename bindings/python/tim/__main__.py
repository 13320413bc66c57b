"""A small terminal chat: python -m tim --user bob alice

Where to and who: by options, or by the environment variables TIM_SERVER_URL, TIM_SERVER_CA,
TIM_APP_ID, TIM_USER and TIM_USER_SIG (the ticket). A ticket in an option can be seen by others on
the machine; without one it is asked for.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import wait
from typing import NoReturn

import tim
from tim import types

try:
    import readline  # Lines can be edited, and come back after what others write.
except ImportError:
    readline = None  # type: ignore[assignment]

NETWORK = {
    tim.TIM_CONNECTED: "connected",
    tim.TIM_DISCONNECTED: "the connection is lost; libtim tries again",
    tim.TIM_CONNECT_FAILED: "cannot connect; libtim tries again",
}
PRESENCE = ["unknown here", "online", "offline", "logged out"]
HELP = """\
/list            conversations, the one that moved last first
/with USER       write to this user from now on
/history         the last messages with this user
/undo            take back the message that you sent last, within two minutes
/edit TEXT       change it to TEXT
/status [USER]   who is online
/unread          how many messages are unread
/login           log in again
/quit            leave (or Ctrl-D)"""


def safe(text: str) -> str:
    """Control characters become blanks: what others write cannot steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def body(message: types.Message) -> str:
    words = [
        elem.get("text_elem_content", "(something that is not text)")
        for elem in message.get("message_elem_array", [])
    ]
    return " ".join(words)


class Chat:
    def __init__(self, client: tim.Client, user: str, ticket: str, peer: str) -> None:
        self.client, self.user, self.ticket, self.peer = client, user, ticket, peer
        #: The message that was sent last, and to whom.
        self.sent: tuple[tim.Call[types.Message], str] | None = None
        self.printing = threading.Lock()
        self.typing = False

    # ---- the terminal ----

    @property
    def prompt(self) -> str:
        return f"{self.user} to {self.peer}> " if self.peer else f"{self.user}> "

    def say(self, *words: str) -> None:
        line = safe(" ".join(words))
        with self.printing:
            if self.typing and sys.stdout.isatty():
                typed = readline.get_line_buffer() if readline else ""
                print(f"\r\033[K{line}\n{self.prompt}{typed}", end="", flush=True)
            else:
                print(line, flush=True)

    def ask(self) -> str | None:
        """A line; None at the end of the input."""
        self.typing = True
        try:
            return input(self.prompt if sys.stdin.isatty() else "").strip()
        except EOFError:
            return None
        finally:
            self.typing = False

    # ---- what libtim tells, on its own thread ----

    def on_network(self, status: int, code: int, desc: str) -> None:
        if status in NETWORK:
            self.say("*", NETWORK[status] + (f" ({code}: {desc})" if code else ""))

    def on_messages(self, messages: list[types.Message]) -> None:
        for message in messages:
            self.show(message)
        if any(message["message_conv_id"] == self.peer for message in messages):
            self.client.mark_read(self.peer)

    def on_taken_back(self, locators: list[types.MsgLocator]) -> None:
        for locator in locators:
            self.say("*", locator["message_revoker_user_id"], "has taken a message back")

    def on_changed(self, messages: list[types.Message]) -> None:
        for message in messages:
            self.show(message, "* changed: ")

    def on_receipts(self, receipts: list[types.MessageReceipt]) -> None:
        for receipt in receipts:
            if receipt["msg_receipt_conv_id"] == self.peer:
                self.say("*", self.peer, "has read your messages")

    def on_status(self, statuses: list[types.UserStatus]) -> None:
        for status in statuses:
            where = PRESENCE[status["user_status_status_type"]]
            self.say("*", status["user_status_identifier"], "is", where)

    def on_kicked(self) -> None:
        self.say("* you were logged in somewhere else, so this session ended; /login takes it back")

    def on_expired(self) -> None:
        self.say("* the ticket has expired: get a new one and start again")

    def on_sent(self, call: tim.Call[types.Message]) -> None:
        error = call.exception()
        if error:
            self.say(f"* not sent: {error}")

    # ---- commands ----

    def show(self, message: types.Message, before: str = "") -> None:
        at = time.strftime("%H:%M", time.localtime(message["message_client_time"]))
        who = message["message_sender"]
        if who != self.peer and who != self.user:
            at += f" (/with {who})" if self.peer else ""
        is_gone = message["message_status"] == tim.TIM_MSG_REVOKED
        self.say(f"{before}{at} {who}: {'(taken back)' if is_gone else body(message)}")

    def list(self) -> None:
        conversations = self.client.conversations().result()
        if not conversations:
            self.say("* no conversations yet; /with USER begins one")
        for conversation in conversations:
            unread = conversation.get("conv_unread_num", 0)
            last = conversation.get("conv_last_msg")
            self.say(
                f"* {conversation['conv_id']}" + (f" ({unread} unread)" if unread else ""),
                "- " + body(last) if last else "",
            )

    def turn_to(self, peer: str) -> None:
        self.peer = peer
        self.history(5)
        self.client.mark_read(peer).result()
        if peer != self.user:
            self.client.subscribe_status(peer).result()
            self.status(peer)

    def history(self, count: int = 20) -> None:
        for message in reversed(self.client.history(self.peer, count).result()):
            self.show(message)

    def send(self, text: str) -> None:
        call = self.client.send_text(self.peer, text)
        self.sent = (call, self.peer)
        call.add_done_callback(self.on_sent)

    def last_sent(self) -> tuple[str, str] | None:
        """Its ID, and to whom; none, and a word about it, when the server has none."""
        if self.sent is None:
            self.say("* nothing was sent yet")
            return None
        call, peer = self.sent
        wait([call], 10)
        if not call.done():
            self.say("* it waits for a connection")
            return None
        return call.message_id, peer

    def undo(self, message_id: str, peer: str) -> None:
        tim.api.msg_revoke(peer, tim.TIM_CONV_C2C, {"message_msg_id": message_id}).result()
        self.say("* taken back")

    def edit(self, message_id: str, peer: str, text: str) -> None:
        elem: types.Elem = {"elem_type": tim.TIM_ELEM_TEXT, "text_elem_content": text}
        changed: types.Message = {
            "message_msg_id": message_id,
            "message_conv_id": peer,
            "message_conv_type": tim.TIM_CONV_C2C,
            "message_elem_array": [elem],
        }
        tim.api.msg_modify_message(changed).result()
        self.say("* changed")

    def status(self, user: str) -> None:
        self.on_status(self.client.user_status(user).result())

    def unread(self) -> None:
        key = "conv_get_total_unread_message_count_result_unread_count"
        self.say("*", str(self.client.total_unread().result().get(key, 0)), "unread")

    def login(self) -> None:
        self.client.login(self.user, self.ticket).result()
        self.say(f"* logged in as {self.user}; /help lists what there is")

    def obey(self, line: str) -> bool:
        """Does what a line says; tells whether to go on."""
        command, _, rest = line.partition(" ")
        rest = rest.strip()
        if command in ("/quit", "/exit"):
            return False
        if command == "/help":
            for help_line in HELP.splitlines():
                self.say(help_line)
        elif command == "/list":
            self.list()
        elif command == "/with" and rest:
            self.turn_to(rest)
        elif command == "/unread":
            self.unread()
        elif command == "/login":
            self.login()
        elif command == "/status" and (rest or self.peer):
            self.status(rest or self.peer)
        elif command == "/edit" and not rest:
            self.say("* what should it say? /edit TEXT")
        elif command in ("/undo", "/edit"):
            last = self.last_sent()
            if last and command == "/edit":
                self.edit(*last, rest)
            elif last:
                self.undo(*last)
        elif command.startswith("/") and command not in ("/history", "/with", "/status"):
            self.say(f"* there is no {command}; /help lists what there is")
        elif not self.peer or command in ("/with", "/status"):
            self.say("* who is meant? /with USER")
        elif command == "/history":
            self.history()
        elif line:
            self.send(line)
        return True

    def run(self) -> None:
        client = self.client
        client.on("network", self.on_network)
        client.on("messages", self.on_messages)
        client.on("msg_revoke", self.on_taken_back)
        client.on("msg_update", self.on_changed)
        client.on("receipts", self.on_receipts)
        client.on("user_status", self.on_status)
        client.on("kicked_offline", self.on_kicked)
        client.on("user_sig_expired", self.on_expired)
        with client:
            self.login()
            self.list()
            self.unread()
            if self.peer:
                self.turn_to(self.peer)
            while (line := self.ask()) is not None:
                try:
                    if not self.obey(line):
                        break
                except tim.Error as error:
                    self.say(f"* {error}")
            client.logout().result(10)
        self.say("* logged out")


def fail(words: object) -> NoReturn:
    sys.exit(f"tim: {words}")


def main(arguments: Sequence[str] | None = None) -> None:
    env = os.environ
    parser = argparse.ArgumentParser(prog="python -m tim", description=__doc__.split("\n\n")[1])
    parser.add_argument("peer", nargs="?", default="", help="whom to write to")
    parser.add_argument("--server", metavar="URL", help="wss://host:port")
    parser.add_argument("--ca", metavar="FILE", help="certificate of the server's issuer")
    parser.add_argument("--app-id", type=int, metavar="N", help="number of the app at the server")
    parser.add_argument("--user", metavar="ID", default=env.get("TIM_USER"), help="who you are")
    parser.add_argument("--ticket", default=env.get("TIM_USER_SIG"), help="made by timd usersig")
    parser.add_argument("--data", metavar="FOLDER", help="where databases and logs are kept")
    options = parser.parse_args(arguments)
    if options.app_id is None:
        try:
            options.app_id = int(env.get("TIM_APP_ID", ""))
        except ValueError:
            parser.error("which app? --app-id or TIM_APP_ID, as timd serve prints it")
    if not options.user:
        parser.error("who are you? --user or TIM_USER")
    if not (options.server or env.get("TIM_SERVER_URL")):
        parser.error("which server? --server or TIM_SERVER_URL, as timd serve prints it")
    if not options.ticket:
        if not sys.stdin.isatty():
            parser.error("no ticket: --ticket or TIM_USER_SIG, made by timd usersig")
        options.ticket = getpass.getpass(f"ticket of {options.user}: ").strip()
    data = options.data
    try:
        client = tim.Client(
            options.app_id,
            server_url=options.server,
            server_ca_file=options.ca,
            config_file_path=data and os.path.join(data, "data"),
            log_file_path=data and os.path.join(data, "log"),
        )
        Chat(client, options.user, options.ticket, options.peer).run()
    except (tim.Error, OSError, ValueError) as error:
        fail(error)
    except KeyboardInterrupt:
        fail("interrupted")


if __name__ == "__main__":
    main()
