"""examples/python/bot.py: each message is answered once, whatever happens; histories are exported whole."""

import asyncio
import importlib.util
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest.mock import Mock, patch

import tim

from server import PACKAGE, WAIT, WithServer

BOT = PACKAGE.parents[1] / "examples/python/bot.py"
# After a link was lost: pauses between attempts grow.
LONG = 60


class Program:
    """The bot as a process whose lines can be waited for."""

    def __init__(self, test, env, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, BOT, *arguments], env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.lines, self.seen = queue.Queue(), []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        test.addCleanup(self.kill)

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def prints(self, text, wait=WAIT):
        end = time.monotonic() + wait
        while True:
            try:
                line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"{text!r} was not printed, but {self.seen}")
            self.seen.append(line)
            if text in line:
                return self

    def ends(self, code):
        found = self.process.wait(WAIT)
        if found != code:
            raise AssertionError(f"exit code {found}: {self.seen}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(WAIT)
        self.process.stdout.close()


class Bot(WithServer):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tim-bot-")
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        # A bot of its own for each test.
        self.name = "bot_" + re.sub(r"\W", "", self.id().rsplit(".", 1)[1])[-20:]

    def environment(self, **more):
        return {
            **os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONUNBUFFERED": "1",
            "TIM_SERVER_URL": self.server.url, "TIM_SERVER_CA": self.server.ca,
            "TIM_APP_ID": str(self.server.app_id), "TIM_USER": self.name,
            "TIM_USER_SIG": self.server.ticket(self.name), **more,
        }  # fmt: skip

    def run_bot(self, *arguments, data=None, **env):
        return Program(self, self.environment(**env), "--data", data or self.data, *arguments)

    def start(self, **env):
        return self.run_bot(**env).prints("ready", LONG)

    def user(self, name):
        """Somebody who is logged in, with what he is told."""
        client, came = self.client(), queue.Queue()
        client.on("messages", lambda messages: [came.put(words(message)) for message in messages])
        client.start()
        self.login(client, name)
        return client, came

    def asks(self, client, came, question, answer):
        client.send_text(self.name, question)
        self.assertRegex(came.get(timeout=LONG), answer)

    def history_of(self, client, user):
        """Oldest first."""
        found, last = [], None
        while page := client.history(user, 100, last).result(WAIT):
            found, last = found + page, page[-1]
        return found[::-1]

    def export(self, user, file, **more):
        return subprocess.run(
            [sys.executable, BOT, "--data", more.pop("data", self.data), "export", user, file],
            env=self.environment(**more), capture_output=True, text=True, timeout=LONG,
        )  # fmt: skip


def words(message):
    return "".join(elem.get("text_elem_content", "") for elem in message["message_elem_array"])


class Answers(Bot):
    def test_commands(self):
        self.start()
        client, came = self.user("anna")
        self.asks(client, came, "/help", "(?s)/echo.*/export")
        self.asks(client, came, "/echo 你好 bot ", "^你好 bot$")
        self.asks(client, came, "/nonsense", "/help")
        for wrong in ["/remind", "/remind soon tea", "/remind 0 tea", "/remind 5", "/remind 9999999 x"]:
            self.asks(client, came, wrong, "^/remind MINUTES")
        # Small talk has no answer, nor has what is not text; both are read, and what comes next is answered.
        client.send_text(self.name, "hello")
        face = {"elem_type": tim.TIM_ELEM_FACE, "face_elem_index": 3}
        client.send(self.name, {"message_elem_array": [face]})
        # Nor have answers of other bots.
        answer = {"elem_type": tim.TIM_ELEM_TEXT, "text_elem_content": "/help"}
        custom = {"message_cloud_custom_str": "answers x"}
        client.send(self.name, {"message_elem_array": [answer], **custom})
        self.asks(client, came, "echo next", "^next$")
        self.asks(client, came, "/export", r"^22 more messages are in anna\.jsonl")
        lines = (self.data / "exports/anna.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line)["message_seq"] for line in lines], list(range(1, 23)))
        self.asks(client, came, "/export", r"^2 more messages are in anna\.jsonl")

    def test_each_message_is_answered_once_whatever_is_killed(self):
        client, came = self.user("bert")
        bot = self.start()
        asked = []
        sending = []

        def ask(count):
            for _ in range(count):
                asked.append(str(len(asked)))
                sending.append(client.send_text(self.name, f"/echo {asked[-1]}"))

        answered = []
        for life in range(4):
            ask(30)
            # Somewhere in the middle.
            for _ in range(7 * life):
                answered.append(came.get(timeout=LONG))
            bot.kill()
            ask(5)
            bot = self.start()
        ask(60)
        for _ in range(10):
            answered.append(came.get(timeout=LONG))
        self.server.kill()
        ask(5)
        self.server.start_again()
        for call in sending:
            call.result(LONG)
        # The last answer comes behind all others.
        while not answered or answered[-1] != asked[-1]:
            answered.append(came.get(timeout=LONG))
        self.assertEqual(answered, asked)
        self.asks(client, came, "/echo the end", "^the end$")
        own = [m for m in self.history_of(client, self.name) if not m["message_is_from_self"]]
        self.assertEqual([words(message) for message in own], [*asked, "the end"])

    def test_what_came_before_this_device_is_answered_as_well(self):
        bot = self.start()
        client, came = self.user("cora")
        self.asks(client, came, "/echo old", "^old$")
        bot.process.send_signal(signal.SIGTERM)
        bot.ends(0)
        # More than a page, which nobody tells a new device as new messages.
        numbers = [str(number) for number in range(150)]
        for call in [client.send_text(self.name, f"/echo {number}") for number in numbers]:
            call.result(WAIT)
        self.data = self.data / "new"
        self.start()
        self.assertEqual([came.get(timeout=LONG) for _ in numbers], numbers)

    def test_reminders_outlive_the_bot_and_come_once(self):
        bot = self.start()
        client, came = self.user("dora")
        self.asks(client, came, "/remind 10 the tea is ready", "^I will, in 10 minutes$")
        self.asks(client, came, "/remind 20 the cake too", "^I will, in 20 minutes$")
        bot.kill()
        file = self.data / "reminders.json"
        promised = json.loads(file.read_text())
        tea = next(key for key, each in promised.items() if each["words"] == "the tea is ready")
        wait = promised[tea]["due"] - tim.server_time()
        self.assertTrue(500 < wait <= 600, wait)
        # Ten minutes pass.
        promised[tea]["due"] -= 600
        file.write_text(json.dumps(promised))
        bot = self.start()
        self.assertEqual(came.get(timeout=LONG), "the tea is ready")
        self.waits_for(lambda: tea not in json.loads(file.read_text()))
        bot.kill()
        # As if it had been killed right after sending.
        file.write_text(json.dumps(promised))
        self.start()
        self.waits_for(lambda: tea not in json.loads(file.read_text()))
        self.asks(client, came, "/echo no more tea", "^no more tea$")
        self.assertEqual(len(json.loads(file.read_text())), 1)

    def waits_for(self, condition):
        end = time.monotonic() + WAIT
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


class Export(Bot):
    def test_the_whole_history_and_what_a_killed_process_left_out(self):
        client, came = self.user("emil")
        self.start().process.terminate()  # The account is there.
        texts = [f"{number} \u2028 \"quoted\"\n" for number in range(250)]
        for call in [client.send_text(self.name, text) for text in texts]:
            call.result(WAIT)
        file = self.data / "out/emil.jsonl"
        done = self.export("emil", file)
        self.assertEqual((done.returncode, done.stdout), (0, f"250 messages were added to {file}\n"))
        whole = file.read_bytes()
        messages = [json.loads(line) for line in whole.splitlines()]
        self.assertEqual([words(message) for message in messages], texts)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        # In the middle of a line; on another device, which has none of the messages.
        for cut, device in [(len(whole) // 2, "."), (len(whole) // 3, "new"), (5, "new")]:
            file.write_bytes(whole[:cut])
            left = 250 - whole[:cut].count(b"\n")
            done = self.export("emil", file, data=self.data / device)
            self.assertEqual(done.stdout, f"{left} messages were added to {file}\n", done.stderr)
            again = [json.loads(line) for line in file.read_bytes().splitlines()]
            self.assertEqual([words(message) for message in again], texts)
        client.send_text(self.name, "one more").result(WAIT)
        done = self.export("emil", file)
        self.assertEqual(done.stdout, f"1 messages were added to {file}\n")
        done = self.export("nobody_here", file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is the history with somebody else", done.stderr)
        # What was deleted is not waited for.
        client.close()
        client = self.client()
        client.start()
        self.login(client, self.name)
        some = client.history("emil", 5).result(WAIT)[1:3]
        tim.api.msg_list_delete("emil", tim.TIM_CONV_C2C, some).result(WAIT)
        client.logout().result(WAIT)
        less = self.data / "less.jsonl"
        done = self.export("emil", less, data=self.data / "newer")
        self.assertEqual(done.stdout, f"249 messages were added to {less}\n", done.stderr)

    def test_waits_for_the_network_and_lacks_nothing(self):
        client, came = self.user("fred")
        self.start().process.terminate()
        for call in [client.send_text(self.name, str(number)) for number in range(120)]:
            call.result(WAIT)
        self.server.kill()
        file = self.data / "fred.jsonl"
        program = self.run_bot("export", "fred", file, data=self.data / "new")
        program.prints("not logged in yet")
        self.server.start_again()
        program.prints("120 messages were added", LONG).ends(0)

    def test_while_the_bot_is_running(self):
        self.start()
        client, came = self.user("gina")
        done = self.export("gina", self.data / "gina.jsonl")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^bot: 5001 TIM_ERR_DB_IN_USE: the bot is running: stop it")
        # It was not disturbed.
        self.asks(client, came, "/echo still here", "^still here$")


class Pages(unittest.TestCase):
    """What a page lacks is asked for again, and what was deleted is not asked for for ever."""

    def setUp(self):
        spec = importlib.util.spec_from_file_location("bot_example", BOT)
        self.bot = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.bot)
        self.bot.PAUSE = 0

    def walk(self, pages, is_forward, last=None):
        """What comes of these answers; all of them have to be asked for."""
        pages, bot = list(pages), self.bot

        async def page(*_):
            return [{"message_seq": seq, "message_msg_id": f"m{seq}"} for seq in pages.pop(0)]

        async def nothing(*_):
            return []

        async def run():
            client = Mock(conversation=nothing)
            link = bot.Link(client)
            link.on_network(tim.TIM_CONNECTED, 0, "")
            walk = bot.History(client, link).walk("anna", last, is_forward)
            return [message["message_seq"] async for message in walk]

        with patch.object(tim.api, "msg_get_msg_list", page):
            found = asyncio.run(run())
        self.assertEqual(pages, [])
        return found

    def test_holes(self):
        forward, last = True, {"message_msg_id": "m2", "message_seq": 2}
        self.assertEqual(self.walk([[1, 2], [3], []], forward), [1, 2, 3])
        self.assertEqual(self.walk([[2], [1, 2], []], forward), [1, 2])
        self.assertEqual(self.walk([[1, 4], [1, 4], [1, 2, 3, 4], []], forward), [1, 2, 3, 4])
        self.assertEqual(self.walk([[5], [3, 4], []], forward, last), [3, 4])
        self.assertEqual(self.walk([[3, 0, 4], []], forward, last), [3, 0, 4])
        self.assertEqual(self.walk([[], [1], []], not forward, last), [1])
        self.assertEqual(self.walk([[4, 3], [4, 3, 2, 1], []], not forward), [4, 3, 2, 1])

    def test_what_was_deleted(self):
        # Three times; the end behind it is known then.
        self.assertEqual(self.walk([[1, 4], [1, 4], [1, 4], [5], []], True), [1, 4, 5])
        self.assertEqual(self.walk([[4, 3], [4, 3], [4, 3], []], False), [4, 3])


class Ends(Bot):
    def test_kicked(self):
        bot = self.start()
        client, _ = self.user(self.name)
        bot.prints("bot: the account is logged in somewhere else").ends(1)

    def test_what_it_cannot_mend(self):
        self.run_bot(TIM_USER_SIG="x").prints("bot: 70003 TIM_ERR_SVR_ACCOUNT_USER").ends(1)
        self.run_bot(TIM_SERVER_CA="").prints("bot: 5012 TIM_ERR_TLS_UNKNOWN_ISSUER").ends(1)
        self.run_bot(TIM_USER="").prints("the environment lacks TIM_USER").ends(2)
        self.run_bot("export", "no body", self.data / "x").prints("bot: 7003 TIM_ERR_SDK_COMM").ends(1)
        missing = self.run_bot(TIM_USER_SIG_FILE="/nowhere/ticket").prints("/nowhere/ticket")
        missing.ends(1)

    def test_a_ticket_that_runs_out_is_read_again(self):
        file = self.data / "ticket"
        file.write_text(self.server.ticket(self.name, "6s") + "\n")
        bot = self.start(TIM_USER_SIG_FILE=str(file))
        client, came = self.user("hugo")
        file.write_text(self.server.ticket(self.name, "8s"))
        bot.prints("the ticket was renewed", LONG)
        self.asks(client, came, "/echo first", "^first$")
        file.write_text("no ticket")
        bot.prints("bot: the ticket has run out, and there is no better one: 70003", LONG).ends(1)


if __name__ == "__main__":
    unittest.main()
