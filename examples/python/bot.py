"""A bot in asyncio: answers commands, reminds, exports histories.

    bot.py                      answers whoever writes to it; /help tells with what
    bot.py export USER FILE     writes the whole history with USER, a message a line, as JSON

The environment says where to and who: TIM_SERVER_URL and TIM_SERVER_CA, which libtim reads itself,
TIM_APP_ID, TIM_USER, and the ticket: TIM_USER_SIG, or TIM_USER_SIG_FILE, a file with it, which is
read again when the ticket runs out. --data names the folder of the bot's files.

Each message is answered once, also when the bot is killed and when links are lost:

- What has been answered is marked as read. So the unread messages are the bot's list of things to do,
  which the server keeps; events only tell when to look at it, and may be told twice or not at all.
- An answer names the message that it answers (message_cloud_custom_str), and is on disk as soon as
  libtim has accepted it. So when the bot was killed before it marked a message as read, it finds its
  own answer behind it, sent or waiting to be.

An account is for one bot: a message that somebody else has read with it counts as answered.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

import tim

HELP = """\
/help                  this
/echo WORDS            WORDS
/remind MINUTES WORDS  WORDS, so many minutes later
/export                writes our messages to a file, for whoever runs me"""
MOST_MINUTES = 366 * 24 * 60
PAGE = 100
# Without an answer of the server for 15 seconds a page is what this device has.
SLOW = 10
# How often a page is asked for before what it lacks counts as deleted.
TRIES = 3
# Before something is tried again, in seconds.
PAUSE, LONGEST_PAUSE = 1, 60

log = logging.getLogger("bot")


class Link:
    """Whether there is a connection, and how often one was lost."""

    def __init__(self, client):
        self.up, self.losses = asyncio.Event(), 0
        client.on("network", self.on_network)

    def on_network(self, status, code, desc):
        if status == tim.TIM_CONNECTED:
            self.up.set()
        elif status != tim.TIM_CONNECTING:
            if self.up.is_set():
                log.info("the connection was lost: %s %s", code, desc)
            self.up.clear()
            self.losses += 1


def jumps(messages, last, is_forward):
    """Where messages lack: places rise by one from 1 on, but for those that were deleted."""
    places = [message["message_seq"] for message in ([last] if last else []) + messages]
    # Those without a place are on this device alone.
    places = [place for place in places if place]
    if is_forward:
        places[:0] = [] if last else [0]
    elif len(messages) < PAGE:
        places.append(0)
    pairs = {(min(pair), max(pair)) for pair in zip(places, places[1:])}
    return {(low, high) for low, high in pairs if high - low > 1}


class History:
    """The messages with a user, page by page, and none left out."""

    def __init__(self, client, link):
        self.client, self.link = client, link
        # Jumps that were asked about.
        self.deleted = set()

    async def page(self, user, last, is_forward):
        """Without a link, or when the server is in trouble, the device gives what it has, which may
        lack some: then it is asked again."""
        tries = 0
        param = {
            "msg_getmsglist_param_count": PAGE,
            "msg_getmsglist_param_is_ramble": True,
            "msg_getmsglist_param_is_forward": is_forward,
        }
        if last is not None:
            names = ("message_msg_id", "message_seq")
            param["msg_getmsglist_param_last_msg"] = {name: last[name] for name in names}
        while True:
            await self.link.up.wait()
            losses, begin = self.link.losses, time.monotonic()
            messages = await tim.api.msg_get_msg_list(user, tim.TIM_CONV_C2C, param)
            # Completions and events come in the order of facts: behind this one, a loss was told.
            await self.client.conversation(user)
            is_told = self.link.losses == losses and time.monotonic() - begin < SLOW
            lacking = {(user, *jump) for jump in jumps(messages, last, is_forward)} - self.deleted
            tries += is_told
            if tries == TRIES:
                self.deleted |= lacking
                return messages
            if not lacking and (messages or is_told):
                return messages
            await asyncio.sleep(PAUSE)

    async def walk(self, user, last=None, is_forward=False):
        """From `last` on, or from an end: to the oldest, or to the newest."""
        while messages := await self.page(user, last, is_forward):
            for message in messages:
                yield message
            last = messages[-1]

    async def export(self, user, path):
        """Appends to the file what it lacks, oldest first; tells how many messages that were. What
        is still being sent is left for the next time."""
        path.parent.mkdir(parents=True, exist_ok=True)
        count = 0
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            last = last_line(file)
            if last is not None and last.get("message_conv_id") != user:
                raise ValueError(f"{path} is the history with somebody else")
            async for message in self.walk(user, last, is_forward=True):
                if message["message_status"] != tim.TIM_MSG_SENDING:
                    file.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
                    count += 1
        return count


def last_line(file):
    """The last message in a file; half a line behind it, as a killed process leaves it, is cut off."""
    last, end = None, 0
    for line in file:
        if line.endswith(b"\n"):
            last, end = line, end + len(line)
    file.seek(end)
    file.truncate()
    return last and json.loads(last)


class Reminders:
    """What the bot has promised, by the ID of the message that asked for it. Kept in a file."""

    def __init__(self, path):
        self.path, self.changed = path, asyncio.Event()
        self.all = json.loads(path.read_bytes()) if path.exists() else {}

    def add(self, question, due, words):
        self.all[question["message_msg_id"]] = {
            "user": question["message_sender"],
            "seq": question["message_seq"],
            "due": due,
            "words": words,
        }
        self.save()

    def drop(self, question_id):
        del self.all[question_id]
        self.save()

    def save(self):
        new = self.path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.all, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        self.changed.set()


def text(message):
    return "".join(elem.get("text_elem_content", "") for elem in message["message_elem_array"])


class Bot:
    def __init__(self, client, link, data):
        self.client, self.data = client, data
        self.history = History(client, link)
        self.reminders = Reminders(data / "reminders.json")
        # Users whose messages want a look, and the tasks that look at them.
        self.waiting, self.working = set(), {}
        client.on("conversations", self.on_conversations)
        client.on("messages", self.on_messages)

    # ---- when to look ----

    def on_conversations(self, event, conversations):
        for conversation in conversations:
            if conversation["conv_type"] == tim.TIM_CONV_C2C and conversation["conv_unread_num"]:
                self.wake(conversation["conv_id"])

    def on_messages(self, messages):
        """Some do not count as unread."""
        for message in messages:
            if message["message_conv_type"] == tim.TIM_CONV_C2C and not message["message_is_read"]:
                self.wake(message["message_conv_id"])

    def wake(self, user):
        """One task a user: answers come in the order of the questions, and nobody waits for others."""
        self.waiting.add(user)
        if user not in self.working:
            self.working[user] = asyncio.ensure_future(self.work(user))

    async def work(self, user):
        try:
            while user in self.waiting:
                self.waiting.discard(user)
                await self.answer_unread(user)
        except tim.Error as error:
            log.warning("messages of %s are answered later: %s", user, error)
            asyncio.get_running_loop().call_later(PAUSE, self.wake, user)
        finally:
            del self.working[user]

    # ---- answers ----

    async def answer_unread(self, user):
        unread, done = [], set()
        async for message in self.history.walk(user):
            if message["message_is_from_self"]:
                done.add(message["message_cloud_custom_str"])
            elif message["message_is_read"]:
                break
            else:
                unread.append(message)
        if not unread:
            return
        sending = []
        for question in reversed(unread):
            why = f"answers {question['message_msg_id']}"
            words = None if why in done else await self.try_to_answer(question)
            if words:
                sending.append(self.send(user, words, why))
        for call in sending:
            await self.sent(call)
        # Up to the newest that was looked at: what has come meanwhile is looked at next.
        await tim.api.msg_report_readed(user, tim.TIM_CONV_C2C, unread[0])

    async def try_to_answer(self, question):
        try:
            return await self.answer(question)
        except (OSError, ValueError) as error:
            log.error("message %s: %s", question["message_msg_id"], error)
            return "That did not work; whoever runs me finds the reason in my log"

    async def answer(self, question):
        """What to say to a message; None for nothing. Two bots would never come to an end: small talk
        has no answer, nor has what another bot of this kind says."""
        if question["message_cloud_custom_str"].startswith(("answers ", "reminds ")):
            return None
        command, _, rest = text(question).strip().partition(" ")
        rest = rest.strip()
        if command == "/help":
            return HELP
        if command in ("/echo", "echo") and rest:
            return rest
        if command == "/remind":
            return self.promise(question, rest)
        if command == "/export":
            user = question["message_sender"]
            path = self.data / "exports" / f"{user}.jsonl"
            count = await self.history.export(user, path)
            return f"{count} more messages are in {path.name}, which you get from whoever runs me"
        if command.startswith("/"):
            return "I do not know what to do with that; /help tells what I know"
        return None

    def promise(self, question, rest):
        minutes, _, words = rest.partition(" ")
        is_number = minutes.isdecimal() and len(minutes) < 7
        if not (is_number and 0 < int(minutes) <= MOST_MINUTES and words.strip()):
            return "/remind MINUTES WORDS, as in: /remind 10 the tea is ready"
        due = question["message_server_time"] + 60 * int(minutes)
        self.reminders.add(question, due, words.strip())
        return f"I will, in {minutes} minutes"

    def send(self, user, words, why):
        return self.client.send(user, {
            "message_elem_array": [{"elem_type": tim.TIM_ELEM_TEXT, "text_elem_content": words}],
            "message_cloud_custom_str": why,
        })  # fmt: skip

    async def sent(self, call):
        """Waits until the server has it, through lost links. What it refuses for good is said once;
        what was not accepted, or waits for the next login, is the caller's to try again."""
        try:
            await call
        except tim.Error as error:
            if error.code == tim.TIM_ERR_OUTBOX_FULL or not is_logged_in(self.client):
                raise
            log.error("message %s was refused: %s", call.message_id, error)

    # ---- reminders ----

    async def remind(self):
        reminders = self.reminders
        while True:
            if not is_logged_in(self.client):
                why = "the session has ended; the log of libtim says why"
                raise tim.Error(tim.TIM_ERR_SDK_NOT_LOGGED_IN, why)
            reminders.changed.clear()
            now = tim.server_time()
            for question_id, reminder in list(reminders.all.items()):
                if reminder["due"] <= now:
                    await self.remind_of(question_id, reminder)
            first = min((reminder["due"] for reminder in reminders.all.values()), default=now + 60)
            try:
                # A minute at most: clocks are set.
                wait = min(max(first - now, PAUSE), 60)
                await asyncio.wait_for(reminders.changed.wait(), wait)
            except asyncio.TimeoutError:
                pass

    async def remind_of(self, question_id, reminder):
        user, why = reminder["user"], f"reminds {question_id}"
        question = {"message_msg_id": question_id, "message_seq": reminder["seq"]}
        try:
            async for message in self.history.walk(user, question, is_forward=True):
                if message["message_is_from_self"] and message["message_cloud_custom_str"] == why:
                    break  # It was sent, and the bot killed before it had noted that.
            else:
                await self.sent(self.send(user, reminder["words"], why))
        except tim.Error as error:
            log.warning("%s is reminded later: %s", user, error)
            return
        self.reminders.drop(question_id)

    # ---- its life ----

    async def run(self):
        """For as long as it is not cancelled."""
        self.on_conversations(tim.TIM_CONV_EVENT_UPDATE, await self.client.conversations())
        print("ready", flush=True)
        try:
            await self.remind()
        finally:
            for task in self.working.values():
                task.cancel()


# ---- login and end ----


def ticket():
    path = os.environ.get("TIM_USER_SIG_FILE")
    return Path(path).read_text().strip() if path else os.environ["TIM_USER_SIG"]


def is_logged_in(client):
    return client.login_status() == tim.TIM_LOGIN_STATUS_LOGINED


def may_pass(code):
    """The network, or a server that is not there yet or is full: nobody has to mend anything here."""
    busy = (tim.TIM_ERR_SERVER_BUSY, tim.TIM_ERR_SERVER_SHUTDOWN, tim.TIM_ERR_PROXY_UNREACHABLE)
    return 9500 <= code <= 9999 or code in busy


async def login(client, user):
    """Once libtim is logged in it comes back by itself; a first login is the program's to repeat."""
    pause = PAUSE
    while True:
        try:
            return await client.login(user, ticket())
        except tim.Error as error:
            if error.code == tim.TIM_ERR_DB_IN_USE:
                why = "the bot is running: stop it, or write /export to it"
                raise tim.Error(error.code, why) from None
            if not may_pass(error.code):
                raise
            log.warning("not logged in yet: %s", error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def renew(client, user, end):
    """The ticket has run out; libtim goes on for five minutes, in which a new one counts."""
    try:
        await login(client, user)
        log.info("the ticket was renewed")
    except tim.Error as error:
        end(f"the ticket has run out, and there is no better one: {error}")


async def work(client, link, options):
    user = os.environ["TIM_USER"]
    if options.command == "export":
        await login(client, user)
        count = await History(client, link).export(options.user, options.file)
        print(f"{count} messages were added to {options.file}")
        return
    # Before the login, so that nothing is missed that it tells.
    bot = Bot(client, link, options.data)
    await login(client, user)
    await bot.run()


async def main(options):
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def end(why=None):
        if not ended.done():
            ended.set_result(why)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    async with tim.Client(
        int(os.environ["TIM_APP_ID"]),
        config_file_path=str(options.data / "db"),
        log_file_path=str(options.data / "log"),
    ) as client:
        working = asyncio.ensure_future(work(client, Link(client), options))
        tasks = [working]

        def on_expired():
            tasks.append(asyncio.ensure_future(renew(client, os.environ["TIM_USER"], end)))

        client.on("kicked_offline", lambda: end("the account is logged in somewhere else"))
        client.on("user_sig_expired", on_expired)
        await asyncio.wait([ended, working], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if is_logged_in(client):
            await client.logout()
    if ended.done():
        return ended.result()
    return working.result()  # Or what went wrong.


def arguments():
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", default=home / "tim-bot")
    commands = parser.add_subparsers(dest="command")
    export = commands.add_parser("export", help="write the whole history with a user")
    export.add_argument("user", metavar="USER")
    export.add_argument("file", type=Path, metavar="FILE", help="is continued when it is there")
    options = parser.parse_args()
    names = ["TIM_APP_ID", "TIM_USER"]
    names += [] if os.environ.get("TIM_USER_SIG_FILE") else ["TIM_USER_SIG"]
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        parser.error(f"the environment lacks {', '.join(missing)}")
    options.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return options


if __name__ == "__main__":
    logging.basicConfig(format="bot: %(message)s", level=logging.INFO)
    try:
        why = asyncio.run(main(arguments()))
    except (tim.Error, OSError, ValueError) as error:
        why = error
    sys.exit(why and f"bot: {why}")
