"""The client in asyncio: awaiting, streams, cancellation, loops that come and go."""

import asyncio
import gc
import sys
import threading
import unittest
from unittest import mock

import tim
from server import WAIT, WithServer


def text(message):
    return message["message_elem_array"][0]["text_elem_content"]


class Asyncio(WithServer):
    def run_async(self, main):
        return asyncio.run(asyncio.wait_for(main, WAIT))

    async def sent(self, client, user, *words):
        for word in words:
            await client.send_text(user, word)

    async def to_oneself_from_elsewhere(self, client, user, *words):
        """Another user sends while `user` is away, who then logs in."""
        await client.login(user, self.server.ticket(user))
        await client.login("sender", self.server.ticket("sender"))
        await self.sent(client, user, *words)

    def test_login_and_messages(self):
        async def main():
            async with self.client() as client:
                await self.to_oneself_from_elsewhere(client, "amy", "one", "two", "three")
                messages = client.messages()
                await client.login("amy", self.server.ticket("amy"))
                self.assertEqual(client.login_user(), "amy")
                came = []
                async for message in messages:
                    came.append(text(message))
                    # A call inside the loop completes: polling goes on.
                    await client.mark_read("sender")
                    if len(came) == 3:
                        break
                self.assertEqual(came, ["one", "two", "three"])

        self.run_async(main())

    def test_listeners_run_in_the_loop(self):
        async def main():
            ran_on, client = [], self.client()
            client.on("network", lambda *_: ran_on.append(asyncio.get_running_loop()))
            async with client:
                await client.login("ben", self.server.ticket("ben"))
            self.assertEqual(set(ran_on), {asyncio.get_running_loop()})

        self.run_async(main())

    def test_errors(self):
        async def main():
            async with self.client() as client:
                with self.assertRaises(tim.Error) as failed:
                    await client.login("ben", "garbage")
                self.assertEqual(failed.exception.code, 70003)
                self.assertTrue(failed.exception.desc)
                with self.assertRaises(tim.Error) as refused:
                    await client.login("", "x")
                self.assertEqual(refused.exception.code, tim.TIM_ERR_PARAM)
                many = await asyncio.gather(
                    *(client.conversations() for _ in range(20)), return_exceptions=True
                )
                self.assertEqual({e.code for e in many}, {tim.TIM_ERR_SDK_NOT_LOGGED_IN})

        self.run_async(main())

    def test_waiting_in_the_loop_is_refused_and_does_not_hang(self):
        async def main():
            async with self.client() as client:
                login = client.login("ben", self.server.ticket("ben"))
                with self.assertRaises(tim.Error) as refused:
                    login.result(WAIT)
                self.assertEqual(refused.exception.code, tim.TIM_ERR_IN_CALLBACK)
                await login
                self.assertIsNone(login.result())

        self.run_async(main())

    def test_asyncio_wait_takes_tasks_of_calls(self):
        async def main(client):
            await client.login("cleo", self.server.ticket("cleo"))
            if sys.version_info >= (3, 11):  # Before, it makes tasks of what it is given.
                with self.assertRaisesRegex(TypeError, r"asyncio\.ensure_future\(call\)"):
                    await asyncio.wait([client.conversations()])
            calls = [client.conversations(), client.total_unread()]
            done, _ = await asyncio.wait([asyncio.ensure_future(call) for call in calls])
            self.assertEqual(len(done), 2)
            # What else asyncio does with futures works as it is.
            self.assertIsNone(await asyncio.wrap_future(client.set_self_status("a")))
            self.assertIsNone(await asyncio.shield(client.set_self_status("b")))
            for first in asyncio.as_completed([client.set_self_status("c")]):
                self.assertIsNone(await first)

        async def in_the_loop():
            async with self.client() as client:
                await main(client)

        async def on_a_thread():
            with self.client() as client:
                await main(client)

        self.run_async(in_the_loop())
        self.run_async(on_a_thread())

    def test_a_cancelled_wait_takes_nothing_back(self):
        async def main():
            async with self.client() as client:
                await client.login("cleo", self.server.ticket("cleo"))
                sending = client.send_text("cleo", "it goes out")
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(sending, 0)
                self.assertEqual((await sending)["message_msg_id"], sending.message_id)
                # A stream whose reader was cancelled has lost nothing.
                messages = client.messages()
                reader = asyncio.ensure_future(messages.__anext__())
                await asyncio.sleep(0)
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)
                messages.put(["after"])
                self.assertEqual(await messages.__anext__(), "after")

        self.run_async(main())

    def test_a_cancelled_call_tells_nobody_and_does_no_harm(self):
        async def main():
            async with self.client() as client:
                await client.login("cleo", self.server.ticket("cleo"))
                call = client.conversations()
                self.assertTrue(call.cancel())
                with self.assertRaises(Exception):
                    await call
                self.assertIsInstance(await client.conversations(), list)

        self.run_async(main())

    def test_a_slow_reader_is_told_what_it_misses(self):
        async def main():
            async with self.client() as client:
                await self.to_oneself_from_elsewhere(client, "dan", *map(str, range(8)))
                slow, whole = client.messages(limit=5), client.messages()
                await client.login("dan", self.server.ticket("dan"))
                self.assertEqual([text(await whole.__anext__()) for _ in range(8)], list("01234567"))
                self.assertEqual([text(await slow.__anext__()) for _ in range(5)], list("01234"))
                with self.assertRaises(tim.Error) as full:
                    await slow.__anext__()
                self.assertEqual(full.exception.code, tim.TIM_ERR_QUEUE_FULL)
                self.assertIn("3 came", full.exception.desc)
                slow.put(["later"])
                self.assertEqual(await slow.__anext__(), "later")
                # What it missed is in the history.
                self.assertEqual(len(await client.history("sender")), 8)

        self.run_async(main())

    def test_nothing_stands_behind_a_gap_that_was_not_told(self):
        async def main():
            stream = tim.Stream(2)
            stream.put([1, 2, 3])
            self.assertEqual(await stream.__anext__(), 1)
            stream.put([4])
            self.assertEqual(await stream.__anext__(), 2)
            with self.assertRaises(tim.Error) as full:
                await stream.__anext__()
            self.assertIn("2 came", full.exception.desc)

        self.run_async(main())

    def test_streams_end_with_the_client_after_what_came(self):
        async def main():
            async with self.client() as client:
                await self.to_oneself_from_elsewhere(client, "eva", "last")
                messages, kicked = client.messages(), client.events("kicked_offline")
                reader = asyncio.ensure_future(kicked.__anext__())
                other = client.messages()
                await client.login("eva", self.server.ticket("eva"))
                await other.__anext__()
            self.assertEqual([text(m) async for m in messages], ["last"])
            with self.assertRaises(StopAsyncIteration):
                await reader

        self.run_async(main())

    def test_a_stream_that_nobody_reads_is_collected(self):
        client = self.client()
        client.messages()
        kept = client.messages()
        gc.collect()
        alive = [stream() for stream in client._streams["messages"] if stream() is not None]
        self.assertEqual(alive, [kept])

    def test_an_exception_in_a_listener_goes_to_the_loop_and_others_are_told(self):
        async def main():
            told, seen = [], []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
            client = self.client()
            client.on("network", lambda *_: 1 / 0)
            client.on("network", lambda status, *_: seen.append(status))
            async with client:
                await client.login("ben", self.server.ticket("ben"))
            self.assertIn(tim.TIM_CONNECTED, seen)
            self.assertEqual({type(one["exception"]) for one in told}, {ZeroDivisionError})

        self.run_async(main())

    def test_ctrl_c_in_a_listener_ends_the_loop(self):
        async def main():
            client = self.client()

            def press(*_):
                raise KeyboardInterrupt

            client.on("network", press)
            async with client:
                await asyncio.sleep(WAIT)

        with self.assertRaises(KeyboardInterrupt):
            asyncio.run(main())
        self.assertIsNone(tim.current())

    def test_close_inside_a_listener_and_start_again(self):
        async def main():
            client, closed = self.client(), asyncio.Event()

            def leave(*_):
                client.off("network", leave)
                client.close()
                client.start_in_loop()
                closed.set()

            client.on("network", leave)
            network = client.events("network")
            client.start_in_loop()
            await closed.wait()
            await client.login("fay", self.server.ticket("fay"))
            self.assertEqual(client.login_user(), "fay")
            client.close()
            # The stream went on: it has both beginnings.
            told = [status async for status, _, _ in network]
            self.assertEqual((told[0], told[-1]), (tim.TIM_CONNECTING, tim.TIM_CONNECTED))

        self.run_async(main())

    def test_streams_end_after_a_close_inside_a_listener(self):
        async def main():
            client = self.client()
            client.on("network", lambda *_: client.close())
            network, messages = client.events("network"), client.messages()
            client.start_in_loop()
            self.assertEqual([status async for status, _, _ in network], [tim.TIM_CONNECTING])
            self.assertEqual([message async for message in messages], [])
            self.assertIsNone(tim.current())

        self.run_async(main())

    def test_a_loop_that_closed_frees_the_process(self):
        async def forgets():
            client = self.client()
            client.start_in_loop()
            await client.login("gus", self.server.ticket("gus"))
            return client, client.conversations()

        one, call = asyncio.run(forgets())

        async def goes_on():
            async with self.client() as two:
                self.assertIs(tim.current(), two)
                await two.login("gus", self.server.ticket("gus"))

        self.run_async(goes_on())
        self.assertTrue(call.done())
        self.assertIsNone(tim.current())
        self.assertIn("not started", repr(one))
        # And this thread may wait again.
        asyncio.run(forgets())
        three = self.client()
        three.start()
        self.assertIsNone(three.login("gus", self.server.ticket("gus")).result(WAIT))

    def test_started_in_one_way_it_is_not_started_in_another(self):
        async def main():
            client = self.client()
            client.start()
            with self.assertRaisesRegex(RuntimeError, "in another way"):
                client.start_in_loop()
            client.close()
            async with client:
                client.start_in_loop()
                with self.assertRaisesRegex(RuntimeError, "in another way"):
                    client.start()

        self.run_async(main())

    def test_closed_from_another_thread(self):
        async def main():
            client = self.client()
            client.start_in_loop()
            messages = client.messages()
            reader = asyncio.ensure_future(messages.__anext__())
            await asyncio.sleep(0)
            thread = threading.Thread(target=client.close)
            thread.start()
            with self.assertRaises(StopAsyncIteration):
                await reader
            await asyncio.to_thread(thread.join)
            async with client:
                await client.login("gwen", self.server.ticket("gwen"))

        self.run_async(main())

    def test_the_same_client_in_one_loop_after_the_other(self):
        client = self.client()

        async def main():
            async with client:
                await client.login("hal", self.server.ticket("hal"))
                return await client.user_status("hal")

        for _ in range(3):
            self.assertEqual(self.run_async(main())[0]["user_status_identifier"], "hal")

    def test_several_loops_at_once(self):
        results = []

        async def elsewhere(client):
            results.append(await asyncio.gather(*(client.user_status("ida") for _ in range(20))))

        async def main():
            async with self.client() as client:
                await client.login("ida", self.server.ticket("ida"))
                threads = [
                    threading.Thread(target=lambda: asyncio.run(elsewhere(client))) for _ in range(3)
                ]
                for thread in threads:
                    thread.start()
                await elsewhere(client)
                for thread in threads:
                    await asyncio.to_thread(thread.join)

        self.run_async(main())
        self.assertEqual([len(result) for result in results], [20] * 4)

    def test_a_started_client_serves_any_loop_as_in_a_notebook(self):
        client = self.client()
        client.start()
        messages = client.messages()

        async def cell():
            await client.login("jim", self.server.ticket("jim"))
            reader = asyncio.ensure_future(messages.__anext__())
            await asyncio.sleep(0)
            messages.put(["hello"])
            self.assertEqual(await reader, "hello")
            # To wait here does no harm: another thread polls.
            return client.conversations().result(WAIT)

        self.assertEqual(self.run_async(cell()), [])
        self.assertIn("logged in as 'jim'", repr(client))

    def test_where_no_descriptor_can_be_watched_a_thread_polls(self):
        async def main():
            loop, ran_on = asyncio.get_running_loop(), []
            with mock.patch.object(loop, "add_reader", side_effect=NotImplementedError):
                client = self.client()
                client.on("network", lambda *_: ran_on.append(threading.current_thread()))
                async with client:
                    await client.login("kim", self.server.ticket("kim"))
                    await client.send_text("kim", "x")
            self.assertEqual(set(ran_on), {threading.current_thread()})

        self.run_async(main())

    def test_a_coroutine_function_is_no_listener(self):
        async def listener(_):
            pass

        with self.assertRaisesRegex(TypeError, "async for"):
            self.client().on("messages", listener)

    def test_a_busy_program_without_close_ends(self):
        code = """
import asyncio, os, tim
async def main():
    client = tim.Client(int(os.environ["APP"]), server_url=os.environ["URL"],
        server_ca_file=os.environ["CA"], config_file_path=os.environ["DATA"], log_file_path=os.environ["DATA"])
    client.start_in_loop()
    await client.login("leo", os.environ["SIG"])
    asyncio.ensure_future(client.messages().__anext__())
    for _ in range(100):
        client.send_text("leo", "x")
asyncio.run(main())
"""
        done = self.program(code, "leo")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
