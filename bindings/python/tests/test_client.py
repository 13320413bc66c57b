"""The package against a real server: what a program in Python relies on."""

import gc
import os
import select
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import TimeoutError as FuturesTimeout

import tim

from server import PACKAGE, WAIT, WithServer


class Events:
    """Collects what a listener is told, and waits for what it should be told."""

    def __init__(self):
        self.seen, self.changed = [], threading.Condition()

    def __call__(self, *what):
        with self.changed:
            self.seen.append(what)
            self.changed.notify_all()

    def wait(self, wanted):
        with self.changed:
            found = self.changed.wait_for(lambda: any(wanted(*what) for what in self.seen), WAIT)
        if not found:
            raise AssertionError(f"not seen among {self.seen}")


class Loading(unittest.TestCase):
    """The library is looked for when it is used, not when the package is imported."""

    def python(self, code, **env):
        env = {**os.environ, "PYTHONPATH": str(PACKAGE), **env}
        return subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60
        )

    def test_import_needs_no_library(self):
        done = self.python("import tim; print(tim.TIM_CONV_C2C)", TIM_LIBRARY_PATH="/nowhere/x.so")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"), done.stderr)

    def test_first_use_names_what_is_missing(self):
        done = self.python("import tim; tim.sdk_version()", TIM_LIBRARY_PATH="/nowhere/x.so")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nowhere/x.so", done.stderr)

    def test_version(self):
        self.assertEqual(tim.sdk_version(), tim.__version__)


class Session(WithServer):
    def test_before_start_calls_fail_with_a_code(self):
        with self.assertRaises(tim.Error) as failed:
            tim.call("tim_conv_get_conv_list").result(0)
        self.assertEqual(failed.exception.code, tim.TIM_ERR_SDK_NOT_INITIALIZED)
        self.assertEqual(failed.exception.name, "TIM_ERR_SDK_NOT_INITIALIZED")

    def test_refusals(self):
        client = self.client()
        client.start()
        with self.assertRaises(tim.Error) as refused:
            client.login("", "x")
        self.assertEqual(refused.exception.code, tim.TIM_ERR_PARAM)
        with self.assertRaises(tim.Error) as failed:
            client.login("alice", "garbage").result(WAIT)
        self.assertEqual(failed.exception.code, 70003)
        with self.assertRaises(tim.Error) as failed:
            client.send_text("bob", "x").result(WAIT)
        self.assertEqual(failed.exception.code, tim.TIM_ERR_SDK_NOT_LOGGED_IN)
        with self.assertRaises(ValueError):
            client.login("a\0b", "x")
        self.assertEqual((client.login_status(), client.login_user()), (3, ""))

    def test_a_conversation(self):
        client = self.client()
        messages, conversations, network, own = Events(), Events(), Events(), Events()
        client.on("self_info", own)
        client.on("messages", messages)
        client.on("conversations", conversations)
        client.on("network", network)
        client.start()
        self.login(client, "carol")
        conversations.wait(lambda kind, them: kind == tim.TIM_CONV_EVENT_FINISH)
        client.logout().result(WAIT)
        self.login(client, "dave")
        network.wait(lambda status, code, desc: status == tim.TIM_CONNECTED)
        self.assertEqual((client.login_status(), client.login_user()), (1, "dave"))
        sent = client.send_text("carol", 'quotes " and 你好 👋\n').result(WAIT)
        self.assertEqual(sent["message_status"], 2)
        self.assertEqual(sent["message_sender"], "dave")
        history = client.history("carol").result(WAIT)
        self.assertEqual([m["message_msg_id"] for m in history], [sent["message_msg_id"]])
        statuses = client.user_status("carol", "nobody").result(WAIT)
        self.assertEqual([s["user_status_status_type"] for s in statuses], [3, 0])
        self.assertIsNone(client.set_self_status("busy").result(WAIT))
        self.assertIsNone(client.subscribe_status("carol").result(WAIT))
        self.assertIsNone(client.unsubscribe_status().result(WAIT))

        fields = {"nick_name": "Dave", "gender": tim.TIM_GENDER_TYPE_MALE, "custom": {"team": "red"}}
        self.assertIsNone(client.set_profile(**fields).result(WAIT))
        own.wait(lambda profile: profile["user_profile_nick_name"] == "Dave")
        (profile,) = client.profiles("dave", "nobody", refresh=True).result(WAIT)
        self.assertEqual(profile["user_profile_gender"], tim.TIM_GENDER_TYPE_MALE)
        (field,) = profile["user_profile_custom_string_array"]
        self.assertEqual(field["user_profile_custom_string_info_value"], "red")
        self.assertIsNone(client.subscribe_profiles("carol").result(WAIT))
        self.assertIsNone(client.unsubscribe_profiles().result(WAIT))

        self.login(client, "carol")
        messages.wait(lambda them: them[0]["message_msg_id"] == sent["message_msg_id"])
        (conversation,) = client.conversations().result(WAIT)
        self.assertEqual((conversation["conv_id"], conversation["conv_unread_num"]), ("dave", 1))
        key = "conv_get_total_unread_message_count_result_unread_count"
        self.assertEqual(client.total_unread().result(WAIT)[key], 1)
        client.mark_read("dave").result(WAIT)
        (conversation,) = client.conversation("dave").result(WAIT)
        self.assertEqual(conversation["conv_unread_num"], 0)
        text = conversation["conv_last_msg"]["message_elem_array"][0]["text_elem_content"]
        self.assertEqual(text, 'quotes " and 你好 👋\n')
        self.assertTrue(client.stats()["initialised"])
        self.assertLess(abs(tim.server_time() - time.time()), 60)

    def test_a_loop_of_ones_own(self):
        client, thread = self.client(), threading.current_thread()
        ran_on = []
        client.on("network", lambda *_: ran_on.append(threading.current_thread()))
        client.start(poll_thread=False)
        login = client.login("erin", self.server.ticket("erin"))
        end = time.monotonic() + WAIT
        while not login.done() and time.monotonic() < end:
            if select.select([client.fileno()], [], [], 1)[0]:
                client.poll()
        self.assertIsNone(login.result(0))
        self.assertEqual(set(ran_on), {thread})

    def test_a_wait_on_the_only_thread_polls(self):
        client, thread = self.client(), threading.current_thread()
        ran_on = []
        client.on("network", lambda *_: ran_on.append(threading.current_thread()))
        client.start(poll_thread=False)
        login = client.login("only", self.server.ticket("only"))
        self.assertIsNone(login.result(WAIT))
        self.assertEqual(set(ran_on), {thread})
        self.assertIsNone(client.conversations().exception(WAIT))
        never = tim.Call()
        begun = time.monotonic()
        with self.assertRaises(FuturesTimeout):
            never.result(0.3)
        self.assertGreater(time.monotonic() - begun, 0.29)
        # A listener that closes ends the wait as well.
        pending = client.user_status("only")
        closing = client.set_self_status("x")
        closing.add_done_callback(lambda _: client.close())
        self.assertIsNone(closing.result(WAIT))
        self.assertIsInstance(pending.exception(WAIT), (tim.Error, type(None)))
        self.assertIsNone(tim.current())

    def test_a_wait_leaves_callbacks_to_the_thread_that_polls(self):
        client, polled, ended = self.client(), threading.Event(), threading.Event()
        ran_on = []
        client.on("conversations", lambda *_: ran_on.append(threading.current_thread().name))

        def poll():
            while not ended.is_set():
                select.select([client.fileno()], [], [], 0.05)
                client.poll()
                polled.set()

        client.start(poll_thread=False)
        thread = threading.Thread(target=poll, name="polls")
        thread.start()
        try:
            # Also when the thread has not come to its first poll.
            self.login(client, "waits")
            self.assertTrue(polled.wait(WAIT))
            ran_on.clear()
            for number in range(20):
                client.send_text("waits", str(number)).result(WAIT)
        finally:
            ended.set()
            thread.join()
        self.assertEqual(set(ran_on), {"polls"})
        # The last one that polled has ended; who polls now may wait.
        client.poll()
        self.assertEqual(len(client.history("waits").result(WAIT)), 20)

    def test_close_fails_what_is_pending(self):
        client = self.client()
        client.start()
        self.login(client, "frank")
        pending = [client.user_status("frank") for _ in range(300)]
        client.close()
        self.assertTrue(all(future.done() for future in pending))
        codes = {error.code for error in (f.exception() for f in pending) if error}
        self.assertLessEqual(codes, {tim.TIM_ERR_SDK_COMM_INTERRUPT})
        with self.assertRaises(tim.Error) as failed:
            client.conversations().result(0)
        self.assertEqual(failed.exception.code, tim.TIM_ERR_SDK_NOT_INITIALIZED)

    def test_close_inside_a_callback_and_start_again(self):
        client, closed = self.client(), threading.Event()
        client.start()

        def on_login(_):
            client.close()
            closed.set()

        client.login("grace", self.server.ticket("grace")).add_done_callback(on_login)
        self.assertTrue(closed.wait(WAIT))
        client.start()
        self.login(client, "grace")

    def test_garbage_is_collected_while_calls_are_open(self):
        client = self.client()
        client.start()
        self.login(client, "heidi")
        for number in range(200):
            # Nobody keeps the future.
            client.send_text("heidi", str(number))
            if number % 10 == 0:
                gc.collect()
        last = client.send_text("heidi", "last").result(WAIT)
        self.assertEqual(last["message_seq"], 201)

    def test_exit_without_close(self):
        code = """
import os, tim
client = tim.Client(int(os.environ["APP"]), server_url=os.environ["URL"],
    server_ca_file=os.environ["CA"], config_file_path=os.environ["DATA"], log_file_path=os.environ["DATA"])
client.start()
client.login("ivan", os.environ["SIG"])
for _ in range(100):
    client.conversations()
"""
        for _ in range(5):
            done = self.program(code, "ivan")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
