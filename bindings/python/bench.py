#!/usr/bin/env python3
"""What the package adds to a callback, beside bare ctypes: CPU nanoseconds per message and per call.

    TIMD=target/release/timd TIM_LIBRARY_PATH=target/dist/libtim.so python3 bindings/python/bench.py [MESSAGES]

Each line is a process of its own, which logs in, gets the same number of messages that wait at the
server (10,000 by default), looks at sender and text of each, and then asks for the conversations as
often. "in tim_poll" is the time of the thread that polls inside that function: libtim's part of it,
ctypes, the reading of the JSON, the listener. "process" is all of the process, from before tim_init
until the last message. `make bench BENCH=wrappers` runs `bench.py --receive KIND` beside C.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "tests")]
import tim  # noqa: E402

COUNT = int(os.environ.get("TIM_BENCH_COUNT", "0"))
#: Besides the messages, as many calls.
CALLS = "TIM_BENCH_CALLS" in os.environ


class Bench:
    """tim_poll, and the CPU time of this thread inside it."""

    def __init__(self):
        self.lib, self.inside, self.seen, self.bytes = tim.lib(), 0, 0, 0
        self.tim_poll = self.lib.tim_poll
        self.begun = time.process_time_ns()

    def look(self, messages):
        for message in messages:
            self.bytes += len(message["message_sender"])
            self.bytes += len(message["message_elem_array"][0]["text_elem_content"])
            self.seen += 1

    def poll(self, max_jobs, timeout_ms):
        begun = time.thread_time_ns()
        ran = self.tim_poll(max_jobs, timeout_ms)
        self.inside += time.thread_time_ns() - begun
        return ran

    def until(self, done):
        end = time.monotonic() + 120
        while not done():
            self.poll(0, 50)
            if time.monotonic() > end:
                sys.exit("bench: it does not end")

    def messages_came(self):
        """Prints what they cost; without messages it was a visit."""
        if COUNT == 0:
            return
        process = time.process_time_ns() - self.begun
        print(self.inside // COUNT, process // COUNT)
        self.inside = 0

    def calls_ended(self):
        print(self.inside // COUNT)


def settings():
    folder = os.environ["TIM_BENCH_DATA"]
    return {"config_file_path": folder + "/data", "log_file_path": folder + "/log"}


def login():
    return os.environ["TIM_USER"], os.environ["TIM_USER_SIG"]


def with_ctypes(reads):
    """As a program with ctypes alone: one callback for all, no futures."""
    bench, ended = Bench(), [0]
    lib = bench.lib

    def on_messages(data, _):
        if reads:
            bench.look(json.loads(data))
        else:
            bench.seen += data.count(b'"message_msg_id"')

    def on_done(code, desc, data, _):
        if data and reads:
            json.loads(data)
        ended[0] += 1

    messages = tim._native.tim_recv_new_msg_callback(on_messages)
    done = tim._native.tim_comm_callback(on_done)
    lib.tim_add_recv_new_msg_callback(messages, None)
    config = {"sdk_config_" + key: value for key, value in settings().items()}
    config["sdk_config_callback_mode"] = "poll"
    assert lib.tim_init(int(os.environ["TIM_APP_ID"]), json.dumps(config).encode()) == 0
    lib.tim_login(*(text.encode() for text in login()), done, None)
    bench.until(lambda: ended[0] == 1 and bench.seen >= COUNT)
    bench.messages_came()
    ended[0] = 0
    for turn in range(10 if CALLS else 0):
        for _ in range(COUNT // 10):
            lib.tim_conv_get_conv_list(done, None)
        bench.until(lambda: ended[0] == (turn + 1) * (COUNT // 10))
    if CALLS:
        bench.calls_ended()
    lib.tim_uninit()


def with_listener():
    bench, client = Bench(), tim.Client(int(os.environ["TIM_APP_ID"]), **settings())
    client.on("messages", bench.look)
    client.start(poll_thread=False)
    logged_in = client.login(*login())
    bench.until(lambda: logged_in.done() and bench.seen >= COUNT)
    logged_in.result()
    bench.messages_came()
    for _ in range(10 if CALLS else 0):
        calls = [client.conversations() for _ in range(COUNT // 10)]
        bench.until(calls[-1].done)
    if CALLS:
        bench.calls_ended()
    client.close()


async def with_async_for():
    bench = Bench()
    bench.lib.tim_poll = bench.poll
    async with tim.Client(int(os.environ["TIM_APP_ID"]), **settings()) as client:
        messages = client.messages(limit=COUNT)
        await client.login(*login())
        while bench.seen < COUNT:
            bench.look([await messages.__anext__()])
        bench.messages_came()
        for _ in range(10 if CALLS else 0):
            await asyncio.gather(*(client.conversations() for _ in range(COUNT // 10)))
        if CALLS:
            bench.calls_ended()


KINDS = {
    "ctypes": lambda: with_ctypes(reads=False),
    "ctypes-json": lambda: with_ctypes(reads=True),
    "listener": with_listener,
    "async-for": lambda: asyncio.run(with_async_for()),
}


def send():
    with tim.Client(int(os.environ["TIM_APP_ID"]), **settings()) as client:
        client.login(*login()).result()
        for user in KINDS:
            words = "a message of ordinary length, in words"
            for call in [client.send_text(user, words) for _ in range(COUNT)]:
                call.result()


def main():
    import tempfile

    from server import Server

    count = sys.argv[1] if sys.argv[1:] else "10000"
    server = Server()
    try:
        with tempfile.TemporaryDirectory(prefix="tim-bench-") as folder:

            def run(kind, user, count):
                env = {
                    **os.environ, "TIM_BENCH_COUNT": count, "TIM_BENCH_DATA": f"{folder}/{user}",
                    "TIM_SERVER_URL": server.url, "TIM_SERVER_CA": server.ca,
                    "TIM_APP_ID": str(server.app_id), "TIM_USER": user,
                    "TIM_USER_SIG": server.ticket(user),
                }  # fmt: skip
                if count != "0":
                    env["TIM_BENCH_CALLS"] = "1"
                command = [sys.executable, __file__, "--receive", kind]
                done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
                return done.stdout.split()

            # Who was never here gets no messages by the callback, so each comes once before.
            for kind in KINDS:
                run(kind, kind, "0")
            run("send", "sender", count)
            print(f"{'ns':14}{'a message: in tim_poll':>24}{'process':>10}{'a call: in tim_poll':>22}")
            for kind in KINDS:
                inside, process, call = run(kind, kind, count)
                print(f"{kind:14}{inside:>24}{process:>10}{call:>22}", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--receive"]:
        {**KINDS, "send": send}[sys.argv[2]]()
    else:
        main()
