"""What stands between Python and tim.h: the library, calls, events."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import itertools
import json
import logging
import operator
import os
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator, Generic, Iterator, TypeVar

from . import _native

T = TypeVar("T")
_log = logging.getLogger("tim")


class Error(Exception):
    """A call that was refused (code -1 to -6) or that failed (any other code).

    `code` is the number, `name` the constant's name, `desc` what the library says for the developer.
    """

    def __init__(self, code: int, desc: str = "") -> None:
        super().__init__(code, desc)
        self.code, self.desc = code, desc

    @property
    def name(self) -> str:
        # Not by tim_error_name, which knows nothing in the child of a fork.
        return _names().get(self.code, "unknown code")

    def __str__(self) -> str:
        return f"{self.code} {self.name}" + (f": {self.desc}" if self.desc else "")


@functools.lru_cache(maxsize=None)
def _names() -> dict[int, str]:
    return {number: name for name, number in vars(_native).items() if name.startswith("TIM_ERR_")}


# ---- the library ----

_lib: ctypes.CDLL | None = None
_loading = threading.Lock()


def lib() -> ctypes.CDLL:
    """The functions of tim.h, with the types of their arguments set."""
    global _lib
    if _lib is None:
        with _loading:
            if _lib is None:
                loaded = _load()
                _native.bind(loaded)
                _lib = loaded
    return _lib


def _load() -> ctypes.CDLL:
    named = os.environ.get("TIM_LIBRARY_PATH")
    if named:
        return ctypes.CDLL(named)
    if sys.platform == "win32":
        names = ["tim.dll"]
    elif sys.platform == "darwin":
        names = ["libtim.dylib"]
    else:
        names = ["libtim.so.0", "libtim.so"]
    here = Path(__file__).parent
    for name in names:
        if (here / name).exists():
            return ctypes.CDLL(str(here / name))
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            cause = error
    raise OSError(
        f"{names[0]} was not found; set TIM_LIBRARY_PATH to the file ({cause})"
    ) from cause


# ---- fork ----

_forked = False
_FORKED = (
    "this process was forked while libtim ran in its parent; start it after forking, or start"
    ' processes with multiprocessing.set_start_method("spawn")'
)


def _after_fork() -> None:
    """In the child: the threads of the library are not there, and it answers -1 for good."""
    global _forked, _loading
    _loading = threading.Lock()
    if _lib is not None and _lib.tim_get_stats(None, 0) < 0:
        _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def forked() -> bool:
    return _forked


def check_fork() -> None:
    if _forked:
        raise Error(_native.TIM_ERR_FORKED, _FORKED)


# ---- data ----


def text(data: bytes | None) -> str:
    return data.decode() if data else ""


def value(data: bytes | None) -> Any:
    return json.loads(data.decode()) if data else None


def array(data: bytes | None) -> list[Any]:
    found: list[Any] = json.loads(data.decode()) if data else []
    return found


def argument(given: object) -> object:
    """Text and JSON as the C functions want them; numbers, None and bytes as they are."""
    if isinstance(given, (dict, list)):
        given = json.dumps(given, ensure_ascii=False, allow_nan=False)
    if isinstance(given, str):
        if "\0" in given:
            raise ValueError("text with a NUL cannot be passed to C")
        return given.encode()
    return given


def checked(given: object, ctype: Any, what: str) -> object:
    """As C wants it. ctypes alone would cut a number to size, and not say which one is wrong."""
    if ctype is not ctypes.c_char_p:
        number = integer(given, what)
        if ctype(number).value != number:
            raise ValueError(f"{what} cannot be {number}, which is out of its range")
        return number
    try:
        found = argument(given)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{what}: {error}") from None
    if found is None or isinstance(found, (bytes, ctypes.Array)):
        return found
    raise TypeError(f"{what} must be text or JSON, not {type(given).__name__}")


def integer(given: Any, what: str) -> int:
    try:
        return operator.index(given)
    except TypeError:
        raise TypeError(f"{what} must be an integer, not {type(given).__name__}") from None


def refusal(name: str, code: int, given: dict[str, object]) -> str:
    """What can be said of a call that was refused; nothing of texts, which may be secrets."""
    suspects = []
    for parameter, each in given.items():
        if code == _native.TIM_ERR_PARAM and (each is None or each == ""):
            suspects.append(f"{parameter} is {'None' if each is None else 'empty'}")
        elif code == _native.TIM_ERR_JSON and parameter in _native.JSON:
            suspects.append(f"{parameter} is not the JSON that it should be")
    return f"{name}: " + ", ".join([*suspects, "tim.h says what each argument must be"])


# ---- calls ----


class _Here(threading.local):
    #: Whether this thread is inside a function that runs callbacks, so that Python is in one.
    in_callback = False


here = _Here()
#: The thread whose event loop runs callbacks, if one does: it must not wait for one either.
loop_thread: int | None = None
#: The thread that calls `poll` of its own, if one does: while it waits for a call it polls too. Who
#: polls then holds the lock, so that another thread can take over.
poll_thread: int | None = None
polling = threading.RLock()
SLICE_MS = 200


def poll(max_jobs: int, timeout_ms: int) -> int:
    """tim_poll for a fifth of a second at most: Python sees a Ctrl-C only when back from C."""
    wait = SLICE_MS if timeout_ms < 0 else min(timeout_ms, SLICE_MS)
    with running_callbacks():
        ran = int(lib().tim_poll(max_jobs, wait))
    if ran > 0:
        after_callbacks()
    raise_interruption()
    return ran


def after_callbacks() -> None:
    """What the client has to do then; it sets it."""


class Call(Future[T]):
    """What will come of a call: wait for it with `result()`, or `await` it in any event loop.

    A Future as those of `concurrent.futures`, so `add_done_callback`, `concurrent.futures.wait` and
    `as_completed` take it too. Neither the end of a wait, by a timeout or because a task was
    cancelled, nor `cancel()` takes the call back: a message that was accepted is sent.
    """

    _buffer: ctypes.Array[ctypes.c_char] | None = None

    @property
    def message_id(self) -> str:
        """Of a message that is being sent: its message_msg_id, known at once; otherwise empty."""
        return self._buffer.value.decode() if self._buffer else ""

    def result(self, timeout: float | None = None) -> T:
        return super().result(self._before_waiting(timeout))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        return super().exception(self._before_waiting(timeout))

    def add_done_callback(self, fn: Callable[[Call[T]], object]) -> None:
        if getattr(fn, "__module__", "") == "asyncio.tasks":
            # It would wait for ever: it wants to be told in its own loop.
            raise TypeError("asyncio.wait takes tasks: give it asyncio.ensure_future(call)")
        super().add_done_callback(fn)  # type: ignore[arg-type]

    def _before_waiting(self, timeout: float | None) -> float | None:
        """Tells how much of the timeout is left."""
        check_fork()
        if timeout == 0 or self.done():
            return timeout
        if here.in_callback or loop_thread == threading.get_ident():
            raise Error(
                _native.TIM_ERR_IN_CALLBACK,
                "this thread runs the callbacks, so a wait for one would never end; await the call,"
                " or use add_done_callback",
            )
        end = None if timeout is None else time.monotonic() + timeout
        left = timeout
        this = threading.get_ident()
        while poll_thread == this and not self.done() and (left is None or left > 0):
            with polling:
                # Less than 0: it was closed, or somebody else is inside tim_poll.
                if poll_thread != this or poll(0, -1 if left is None else int(left * 1000) + 1) < 0:
                    break
            left = None if end is None else max(0, end - time.monotonic())
        return left

    def __await__(self) -> Generator[Any, None, T]:
        check_fork()
        if not self.done():
            loop = asyncio.get_running_loop()
            waiter: asyncio.Future[None] = loop.create_future()
            self.add_done_callback(lambda _: wake(loop, waiter))
            yield from waiter
        return super().result(0)


def wake(loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[None]) -> None:
    """Lets a task go on, from any thread."""

    def go_on() -> None:
        if not waiter.done():
            waiter.set_result(None)

    if running_loop() is loop:
        go_on()
        return
    try:
        loop.call_soon_threadsafe(go_on)
    except RuntimeError:
        pass  # The loop was closed meanwhile, and the task with it.


def running_loop() -> asyncio.AbstractEventLoop | None:
    """That of this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@contextlib.contextmanager
def running_callbacks() -> Iterator[None]:
    """Around a function of C that runs callbacks on this thread."""
    before, here.in_callback = here.in_callback, True
    try:
        yield
    finally:
        here.in_callback = before


class _Buffer:
    """Stands for a buffer that the function writes an ID to."""


BUFFER = _Buffer()

# What waits for its completion. C is given the number, so no Python object can be collected
# while C still knows of it.
_waiting: dict[int, tuple[Call[Any], Callable[[bytes], Any]]] = {}
_numbers = itertools.count(1)
_on_complete: Any = None
_exiting = False


def call(name: str, *arguments: object, read: Callable[[bytes], Any] = value) -> Call[Any]:
    """Calls a function of tim.h that ends with a tim_comm_callback and user_data."""
    global _on_complete
    check_fork()
    function = getattr(lib(), name)
    parameters = _native.PARAMETERS.get(name)
    if parameters is None:
        raise TypeError(f"{name} has no tim_comm_callback: call it by tim.lib()")
    if len(arguments) != len(parameters):
        raise TypeError(f"{name} takes {', '.join(parameters) or 'nothing'}")
    if _on_complete is None:
        _on_complete = _native.tim_comm_callback(_complete)
    number, made = next(_numbers), Call[Any]()
    given = []
    for each, parameter, ctype in zip(arguments, parameters, function.argtypes):
        if isinstance(each, _Buffer):
            each = made._buffer = ctypes.create_string_buffer(128)
        given.append(checked(each, ctype, f"{name}: {parameter}"))
    # Of two callbacks, the last one tells the outcome.
    given += [None] * (len(function.argtypes) - len(given) - 2)
    _waiting[number] = made, read
    if _exiting:
        # The answer would be a callback, on a thread that the interpreter may stop in it.
        del _waiting[number]
        made.set_exception(Error(_native.TIM_ERR_SDK_NOT_INITIALIZED, "the program is ending"))
        return made
    try:
        code = function(*given, _on_complete, number)
    except (ctypes.ArgumentError, TypeError):
        del _waiting[number]
        raise
    if code != 0:
        del _waiting[number]
        raise Error(code, refusal(name, code, dict(zip(parameters, arguments))))
    return made


def _complete(code: int, desc: bytes, data: bytes, number: int) -> None:
    made, read = _waiting.pop(number)
    for _ in range(2):
        try:
            if made.running() or made.set_running_or_notify_cancel():
                try:
                    found = read(data) if code == 0 else None
                except ValueError as error:
                    made.set_exception(error)
                    return
                if code == 0:
                    made.set_result(found)
                else:
                    made.set_exception(Error(code, text(desc)))
            return
        except BaseException as error:
            # Ctrl-C came just here, and must neither be lost nor cost somebody the answer.
            interrupted(error, made)
            if made.done():
                return


# ---- what must not cross into C ----

_interruption: tuple[BaseException, object] | None = None


def interrupted(error: BaseException, listener: object) -> None:
    """Keeps KeyboardInterrupt and SystemExit until C has returned, and who raised it."""
    global _interruption
    _interruption = error, listener


def take_interruption() -> tuple[BaseException, object] | None:
    global _interruption
    found, _interruption = _interruption, None
    return found


def raise_interruption() -> None:
    found = take_interruption()
    if found is not None:
        raise found[0]


def report(error: BaseException, listener: object) -> None:
    """Tells of an exception that nobody can catch, as concurrent.futures and asyncio do."""
    _log.error("exception in %r, which libtim called", listener, exc_info=error)


def exiting() -> bool:
    return _exiting


def ending() -> None:
    """At exit: from now on no call enters C, and none is there any more when this returns."""
    global _exiting
    _exiting = True
    lib().tim_uninit()
    # What was accepted has been completed; what is here still may be inside C, in another thread.
    inside = list(_waiting)
    for _ in range(1000):
        if not any(number in _waiting for number in inside):
            break
        time.sleep(0.001)


# ---- events as a stream ----


class Stream(Generic[T]):
    """For `async for`: what came since it was made, in order, in any event loop.

    At most `limit` items wait for a slow reader. Of what comes beyond that nothing is kept: the
    reader gets all that came before, then an `Error` with TIM_ERR_QUEUE_FULL that tells how many
    are missing, and may then go on with the same stream. (Messages are on this device all the
    same; the history has them.) It ends when the client is closed, after what came before.
    """

    def __init__(self, limit: int, each: bool = False) -> None:
        self._limit = limit
        #: Whether the items of a list come one by one.
        self.each = each
        self._items: deque[T] = deque()
        self._missing = 0
        self._closed = False
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = set()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<tim.Stream: {len(self._items)} waiting{', closed' if self._closed else ''}>"

    def __aiter__(self) -> Stream[T]:
        return self

    async def __anext__(self) -> T:
        while True:
            check_fork()
            with self._lock:
                if self._items:
                    return self._items.popleft()
                if self._missing:
                    missing, self._missing = self._missing, 0
                    raise Error(
                        _native.TIM_ERR_QUEUE_FULL,
                        f"{missing} came while {self._limit} waited for this reader, which was too"
                        " slow; they are missing here, messages are in the history",
                    )
                if self._closed:
                    raise StopAsyncIteration
                loop = asyncio.get_running_loop()
                here = loop, loop.create_future()
                self._waiters.add(here)
            try:
                await here[1]
            finally:
                with self._lock:
                    self._waiters.discard(here)

    def put(self, items: list[T]) -> None:
        with self._lock:
            # After a gap nothing until the reader knows of it, or it would take it for whole.
            room = 0 if self._missing else max(0, self._limit - len(self._items))
            self._items.extend(items[:room])
            self._missing += len(items[room:])
            waiters = list(self._waiters)
        for waiter in waiters:
            wake(*waiter)

    def close(self) -> None:
        """Ends it: the reader gets what has come, and no more."""
        with self._lock:
            self._closed = True
            waiters = list(self._waiters)
        for waiter in waiters:
            wake(*waiter)
