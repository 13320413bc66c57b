"""Exit, fork, threads and exceptions: the places where Python and C end each other."""

import concurrent.futures
import logging
import logging.handlers
import pickle
import queue
import sys
import threading
import unittest
from pathlib import Path

import tim
from server import WAIT, WithServer

#: A client that is logged in, for programs.
LOGGED_IN = """
import atexit, os, sys, threading, time, tim
client = tim.Client(int(os.environ["APP"]), server_url=os.environ["URL"],
    server_ca_file=os.environ["CA"], config_file_path=os.environ["DATA"], log_file_path=os.environ["DATA"])
client.start()
client.login(os.environ["ME"], os.environ["SIG"]).result(20)
"""


class Process(WithServer):
    maxDiff = None

    def ends(self, code, user, **more):
        done = self.program(LOGGED_IN + code, user, ME=user, **more)
        self.assertEqual((done.returncode, done.stderr[-2000:]), (0, ""), done.stdout)
        return done.stdout

    def test_exit_while_daemon_threads_call(self):
        code = """
def call():
    while True:
        client.conversations()
        client.stats()
        try:
            client.login_user()
        except Exception:
            pass
for _ in range(4):
    threading.Thread(target=call, daemon=True).start()
time.sleep(0.05)
"""
        for _ in range(5):
            self.ends(code, "daemon")

    def test_once_the_program_ends_no_call_enters_the_library(self):
        # Its answer would be a callback in a thread that the interpreter stops.
        code = """
import atexit, os, tim
def afterwards():
    print(client.conversations().exception().desc)
    try:
        client.start()
    except RuntimeError as error:
        print(error)
atexit.register(afterwards)  # Before that of the client, so it runs after it.
"""
        done = self.program(code + LOGGED_IN, "ends", ME="ends")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "the program is ending\n" * 2)

    def test_exit_while_callbacks_run(self):
        code = """
def again(call):
    if not call.exception():
        client.conversations().add_done_callback(again)
for _ in range(50):
    client.conversations().add_done_callback(again)
"""
        for _ in range(5):
            self.ends(code, "busy")

    def test_exit_while_another_thread_waits(self):
        code = """
def wait():
    print(len(client.history(os.environ["ME"]).result(20)))
client.send_text(os.environ["ME"], "x").result(20)
threading.Thread(target=wait).start()
"""
        self.assertEqual(self.ends(code, "waits"), "1\n")

    def test_exit_with_messages_that_wait_in_a_loop_of_ones_own(self):
        code = """
client.close()
client.start(poll_thread=False)
client.login(os.environ["ME"], os.environ["SIG"])
client.send_text(os.environ["ME"], "x")
"""
        self.ends(code, "own-loop")

    def test_sys_exit_and_an_error_keep_their_codes(self):
        for code, wanted in [("sys.exit(3)", 3), ("raise ValueError", 1)]:
            done = self.program(LOGGED_IN + code, "codes", ME="codes")
            self.assertEqual(done.returncode, wanted, done.stderr)

    def test_the_child_of_a_fork_is_told(self):
        code = """
before = client.conversations()
child = os.fork()
if child == 0:
    def refused(function):
        try:
            function()
        except tim.Error as error:
            assert error.code == tim.TIM_ERR_FORKED, error
            assert error.name == "TIM_ERR_FORKED" and "fork" in error.desc, error
        else:
            raise AssertionError(function)
    for function in [client.conversations, client.start, client.poll, client.stats, before.result,
                     lambda: client.send_text("x", "y"), lambda: tim.Client(1).start()]:
        refused(function)
    client.close()
    print(repr(client), flush=True)
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
# The parent goes on.
client.conversations().result(20)
print("parent", flush=True)
"""
        app = self.server.app_id
        self.assertEqual(self.ends(code, "forks"), f"<tim.Client: app {app}, not started>\nparent\n")

    def test_multiprocessing_with_fork_does_not_hang(self):
        code = """
import multiprocessing
def work(number):
    try:
        client.conversations()
    except tim.Error as error:
        return error.code, number
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(work, [1, 2]))
def fails():
    client.send_text("x", "y")
process = multiprocessing.get_context("fork").Process(target=work, args=(1,))
process.start()
process.join(20)
print(process.exitcode, len(client.conversations().result(20)))
"""
        self.assertEqual(self.ends(code, "pool"), "[(5037, 1), (5037, 2)]\n0 0\n")

    def test_fork_before_the_start_is_fine(self):
        code = """
import os, subprocess, sys
import tim
tim.sdk_version()
child = os.fork()
client = tim.Client(int(os.environ["APP"]), server_url=os.environ["URL"], server_ca_file=os.environ["CA"],
    config_file_path=os.environ["DATA"] + str(child == 0), log_file_path=os.environ["DATA"])
client.start()
if child:
    # One after the other, as one device takes the place of another.
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
client.login("early", os.environ["SIG"]).result(20)
client.close()
if child:
    sys.exit(code)
"""
        done = self.program(code, "early")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_exceptions_in_callbacks_are_reported_and_cost_nobody_anything(self):
        code = """
import logging
seen, told = [], threading.Event()
class Seen(logging.Handler):
    def emit(self, record):
        seen.append((record.name, record.exc_info[0]))
logging.getLogger().addHandler(Seen())
def bad(*_):
    raise LookupError
def leave(*_):
    sys.exit("in a callback")
for listener in [bad, leave, lambda *_: told.set()]:
    client.on("conversations", listener)
call = client.send_text(os.environ["ME"], "x")
call.add_done_callback(bad)
call.result(20)
assert told.wait(20)
client.conversations().result(20)
client.close()
assert set(seen) == {
    ("tim", LookupError), ("tim", SystemExit), ("concurrent.futures", LookupError)
}, seen
"""
        self.ends(code, "raises")

    def test_many_threads(self):
        client = self.client()
        client.start()
        self.login(client, "many")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            sent = list(pool.map(lambda n: client.send_text("many", str(n)).result(WAIT), range(100)))
        self.assertEqual(sorted(m["message_seq"] for m in sent), list(range(1, 101)))

    def test_waiting_inside_a_callback_is_refused_and_does_not_hang(self):
        client, codes, done = self.client(), [], threading.Event()
        client.start()

        def on_login(_):
            try:
                client.conversations().result(WAIT)
            except tim.Error as error:
                codes.append(error.code)
            done.set()

        client.login("waits", self.server.ticket("waits")).add_done_callback(on_login)
        self.assertTrue(done.wait(WAIT))
        self.assertEqual(codes, [tim.TIM_ERR_IN_CALLBACK])

    def test_ctrl_c_in_a_callback_comes_out_of_poll(self):
        client = self.client()

        def press(*_):
            raise KeyboardInterrupt

        client.on("network", press)
        client.start(poll_thread=False)
        login = client.login("ctrl-c", self.server.ticket("ctrl-c"))
        with self.assertRaises(KeyboardInterrupt):
            while not login.done():
                client.poll(timeout_ms=1000)
        client.off("network", press)
        while not login.done():
            client.poll(timeout_ms=1000)
        self.assertIsNone(login.result())

    def test_sys_exit_in_a_listener_names_it(self):
        client, logger, records = self.client(), logging.getLogger("tim"), queue.Queue()
        handler = logging.handlers.QueueHandler(records)
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)

        def leaves(*_):
            client.off("network", leaves)
            sys.exit("gone")

        client.on("network", leaves)
        client.start()
        self.login(client, "leaves")
        message = records.get(timeout=WAIT).getMessage()
        self.assertIn("leaves at", message)
        self.assertIn("SystemExit: gone", message)
        # The thread goes on.
        self.assertEqual(client.conversations().result(WAIT), [])

    def test_ctrl_c_costs_nobody_the_answer(self):
        presses = [KeyboardInterrupt]

        def read(data):
            if presses:
                raise presses.pop()
            return int(data)

        for reader, wanted in [(read, 7), (lambda _: int("no number"), ValueError)]:
            call = tim.Call()
            tim._core._waiting[0] = call, reader
            tim._core._complete(0, b"", b"7", 0)
            found = call.exception(0) or call.result(0)
            self.assertEqual(found if wanted == 7 else type(found), wanted)
        kept, listener = tim._core.take_interruption()
        self.assertIsInstance(kept, KeyboardInterrupt)
        self.assertIsInstance(listener, tim.Call)

    def test_ctrl_c_ends_a_poll_that_waits(self):
        code = """
client.close()
client.start(poll_thread=False)
while client.poll(timeout_ms=1000):
    pass
try:
    threading.Timer(0.2, os.kill, [os.getpid(), 2]).start()
    while True:
        client.poll(timeout_ms=-1)
except KeyboardInterrupt:
    print("pressed")
try:
    threading.Timer(0.2, os.kill, [os.getpid(), 2]).start()
    tim.Call().result()
except KeyboardInterrupt:
    print("pressed")
begun = time.monotonic()
client.poll(timeout_ms=300)
print(time.monotonic() - begun >= 0.29)
"""
        self.assertEqual(self.ends(code, "presses"), "pressed\npressed\nTrue\n")

    def test_another_client_is_started_inside_a_callback(self):
        one, two, started = self.client(), self.client(), threading.Event()
        two.on("network", lambda *_: started.set())
        one.start()

        def change(_):
            one.close()
            two.start()

        one.login("change", self.server.ticket("change")).add_done_callback(change)
        self.assertTrue(started.wait(WAIT))
        # The thread that ran the callback now polls for the other one.
        self.login(two, "change")
        names = [thread.name for thread in threading.enumerate()]
        self.assertEqual(names.count("tim-poll"), 1)
        two.close()
        self.assertNotIn("tim-poll", [thread.name for thread in threading.enumerate()])

    def test_one_client_a_process(self):
        client = self.client()
        client.start()
        with self.assertRaisesRegex(RuntimeError, "one client"):
            tim.Client(self.server.app_id).start()
        self.assertIs(tim.current(), client)
        client.start()  # The same one: nothing changes.
        self.login(client, "single")
        client.close()
        client.close()
        self.assertIsNone(tim.current())

    def test_settings_that_cannot_be_used_are_named(self):
        client = tim.Client(1, server_url="nowhere")
        with self.assertRaises(tim.Error) as refused:
            client.start()
        self.assertEqual(refused.exception.code, tim.TIM_ERR_PARAM)
        self.assertIn("nowhere", refused.exception.desc)
        self.assertIsNone(tim.current())

    def test_errors_can_be_pickled(self):
        error = pickle.loads(pickle.dumps(tim.Error(6014, "why")))
        self.assertEqual((error.code, error.name), (6014, "TIM_ERR_SDK_NOT_LOGGED_IN"))
        self.assertEqual(str(error), "6014 TIM_ERR_SDK_NOT_LOGGED_IN: why")


class Everything(unittest.TestCase):
    """What tim.h has, Python has."""

    def test_every_function(self):
        package = Path(tim.__file__).parent
        by_hand = "".join((package / name).read_text() for name in ["_core.py", "_client.py"])
        for name in tim._native.FUNCTIONS:
            short = name[len("tim_") :]
            with self.subTest(name=name):
                setters = [setter for setter, _ in tim.api.EVENTS.values()]
                found = hasattr(tim.api, short) or name in setters or name in by_hand
                self.assertTrue(found or name in self.NOT_NEEDED)

    #: Python has other ways: its own listeners, and the descriptor.
    NOT_NEEDED = {"tim_remove_recv_new_msg_callback", "tim_set_wakeup_callback"}
