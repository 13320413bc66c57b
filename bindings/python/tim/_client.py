"""The client: how libtim is started, polled and stopped, and its functions by handier names."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import inspect
import json
import os
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, Callable, TypeVar, cast

from . import _core, _native, api, types
from ._core import Call, Error, Stream, here, lib

C = TypeVar("C", bound="Client")
_THREAD = "tim-poll"
# The client that is started; libtim has one login a process. And the one that was started last:
# messages that wait are told while it is closed.
_current: Client | None = None
_latest: Client | None = None
# Those that were closed inside the callback that runs: their streams end when it has returned.
_closing: list[Client] = []
# The thread that runs callbacks, if one does. It ends when it is not this one any more.
_thread: threading.Thread | None = None
# What C calls, for each event that anybody wanted to know of. Kept for good, as C may be inside.
_callbacks: dict[str, object] = {}
_changing = threading.RLock()

_STATUS = {
    _native.TIM_LOGIN_STATUS_LOGINED: "logged in as",
    _native.TIM_LOGIN_STATUS_LOGINING: "logging in",
    _native.TIM_LOGIN_STATUS_UN_LOGINED: "nobody logged in",
    _native.TIM_LOGIN_STATUS_LOGOUTING: "logging out",
}


def _listen(event: str) -> None:
    """Has C tell of an event, from the first who wants to know of it on."""
    if event not in api.EVENTS:
        raise ValueError(f"there is no event {event!r}; there are {', '.join(api.EVENTS)}")
    _core.check_fork()
    setter, readers = api.EVENTS[event]

    def told(*arguments: Any) -> None:
        client = _latest
        if client is None or not (client._listeners.get(event) or client._streams.get(event)):
            return
        try:
            client._tell(event, [read(given) for read, given in zip(readers, arguments)])
        except BaseException as error:
            _core.interrupted(error, f"the event {event!r}")

    function = getattr(lib(), setter)
    with _changing:
        if event in _callbacks:
            return
        _callbacks[event] = callback = function.argtypes[0](told)
    # Without the lock: it waits for a callback that runs, which may add a listener.
    function(callback, None)


def _start_thread() -> None:
    global _thread
    this = threading.current_thread()
    if here.in_callback and this.name == _THREAD:
        _thread = this  # After a close inside a callback this thread goes on.
    else:
        _thread = threading.Thread(target=_poll_for_ever, name=_THREAD, daemon=True)
        _thread.start()


def _poll_for_ever() -> None:
    poll, this = lib().tim_poll, threading.current_thread()
    while True:
        with _core.running_callbacks():
            ran = poll(0, -1)
        found = _core.take_interruption()
        if found is not None:
            _core.report(*found)
        if ran > 0:
            _end_closed()
        # After tim_uninit, whoever called it, or a close inside a callback.
        if ran == _native.TIM_ERR_SDKUNINIT or _thread is not this:
            break
        if ran < 0:
            time.sleep(0.01)  # Somebody else is inside tim_poll.


def _end_closed() -> None:
    """After callbacks have run."""
    while _closing:
        _closing.pop()._end_streams()


_core.after_callbacks = _end_closed


def _at_exit() -> None:
    if _core.forked():
        return
    try:
        if _current is not None:
            _current.close()
    finally:
        _core.ending()


def current() -> Client | None:
    """The client of this process that is started, if there is one."""
    return _current


class Client(api.Events):
    """The one client of this process.

        with tim.Client(app_id) as client:          # callbacks on a thread of Python's
        async with tim.Client(app_id) as client:    # callbacks in the event loop

    or, without `with`, `start` and `close`. The settings are the keys of tim_init, which tim.h
    explains; what is not given is taken from the environment or has a default there.
    """

    def __init__(
        self,
        app_id: int,
        *,
        server_url: str | None = None,
        server_ca_file: str | os.PathLike[str] | None = None,
        server_pins: Sequence[str] | None = None,
        config_file_path: str | os.PathLike[str] | None = None,
        log_file_path: str | os.PathLike[str] | None = None,
        log_kept_days: int | None = None,
        log_day_mb: int | None = None,
        connect_timeout_ms: int | None = None,
        login_timeout_ms: int | None = None,
        request_timeout_ms: int | None = None,
    ) -> None:
        if isinstance(app_id, bool):
            raise TypeError("app_id must be an integer, not bool")
        self.app_id = _core.integer(app_id, "app_id")
        if not 0 < self.app_id < 2**64:
            raise ValueError("app_id is the number of the app at the server, from 1 to 2**64 - 1")
        settings: dict[str, object] = {
            "server_url": server_url,
            "server_ca_file": server_ca_file and os.fspath(server_ca_file),
            "server_pins": server_pins and list(server_pins),
            "config_file_path": config_file_path and os.fspath(config_file_path),
            "log_file_path": log_file_path and os.fspath(log_file_path),
            "log_kept_days": log_kept_days,
            "log_day_mb": log_day_mb,
            # Callbacks on a thread of the library's own would meet an interpreter that has ended.
            "callback_mode": "poll",
            "connect_timeout_ms": connect_timeout_ms,
            "login_timeout_ms": login_timeout_ms,
            "request_timeout_ms": request_timeout_ms,
        }
        self._config = {f"sdk_config_{k}": v for k, v in settings.items() if v is not None}
        self._listeners: dict[str, tuple[Callable[..., object], ...]] = {}
        # Who leaves a stream alone need not end it.
        self._streams: dict[str, tuple[weakref.ref[Stream[Any]], ...]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._descriptor = -1

    def __repr__(self) -> str:
        if _current is not self or _core.forked():
            return f"<tim.Client: app {self.app_id}, not started>"
        status = _STATUS.get(self.login_status(), "?")
        who = f" {self.login_user()!r}" if status == "logged in as" else ""
        return f"<tim.Client: app {self.app_id}, {status}{who}>"

    # ---- start and stop ----

    def start(self, poll_thread: bool = True) -> None:
        """tim_init. Callbacks run on a thread of Python's that is made here; without `poll_thread`
        inside `poll`, which you call from your own loop, and inside `Call.result` on the thread that
        called `poll` last, or this when none did."""
        if self._runs(None):
            return
        self._init()
        if poll_thread:
            _start_thread()
        else:
            _core.poll_thread = threading.get_ident()

    def start_in_loop(self) -> None:
        """tim_init, inside a coroutine: callbacks run in the event loop that is running."""
        loop = asyncio.get_running_loop()
        if self._runs(loop):
            return
        self._init()
        self._loop = loop
        if here.in_callback:
            loop.call_soon(self._watch, loop)  # tim_init is carried out when the callback returns.
        else:
            self._watch(loop)

    def _runs(self, loop: asyncio.AbstractEventLoop | None) -> bool:
        """Whether it is started already, in this loop or in none. What stands in the way of a start
        is closed when nobody polls it any more, and otherwise named."""
        _core.check_fork()
        if _core.exiting():
            raise RuntimeError("the program is ending")
        other = _current
        if other is None:
            return False
        if other._loop is not None and other._loop.is_closed():
            other.close()
            return False
        if other is not self:
            raise RuntimeError(
                f"{other!r} is running, and a process has one client: use it, or close it first"
                " with tim.current().close()"
            )
        if other._loop is not loop:
            raise RuntimeError("it is started already, in another way: close it first")
        return True

    def _init(self) -> None:
        global _current, _latest
        if here.in_callback:
            if self in _closing:
                _closing.remove(self)  # Closed and started in the same callback: streams go on.
        else:
            # Waits for a close inside a callback elsewhere: what is told then is for that client.
            lib().tim_uninit()
        before, _latest = _latest, self
        code = lib().tim_init(self.app_id, _core.argument(self._config))
        if code != 0:
            _latest = before
            why = self.stats().get("last_init_error") or "app id or settings cannot be used"
            raise Error(code, f"tim_init: {why}")
        _current = self
        atexit.unregister(_at_exit)
        atexit.register(_at_exit)

    def close(self) -> None:
        """tim_uninit: what is pending fails with 7009, streams end; afterwards no callback runs any
        more. Harmless when it is not started. Takes a fifth of a second at most, and as long as a
        callback that is running. Inside a callback it takes effect when that returns."""
        global _current, _thread
        if _core.forked() or _current is not self:
            return
        self._unwatch()
        self._loop = _core.poll_thread = None
        if here.in_callback:
            # Messages that wait are told when the callback has returned.
            _closing.append(self)
            lib().tim_uninit()
            _thread = _current = None
            return
        with _core.running_callbacks():
            lib().tim_uninit()
        if _thread is not None:
            _thread.join()
        _thread = _current = None
        self._end_streams()
        _core.raise_interruption()

    def _end_streams(self) -> None:
        streams, self._streams = self._streams, {}
        for stream in (reference() for each in streams.values() for reference in each):
            if stream is not None:
                stream.close()

    def __enter__(self: C) -> C:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self: C) -> C:
        self.start_in_loop()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    # ---- who runs callbacks ----

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Has the loop call poll while callbacks wait; where it cannot watch a descriptor (Windows),
        a thread runs them."""
        if self._loop is not loop or _current is not self:
            return  # Closed meanwhile.
        descriptor = lib().tim_poll_fd()
        try:
            if descriptor < 0:
                raise NotImplementedError
            loop.add_reader(descriptor, self._on_readable)
        except NotImplementedError:
            _start_thread()
            return
        self._descriptor = descriptor
        _core.loop_thread = threading.get_ident()

    def _on_readable(self) -> None:
        # Not all at once, so that other tasks have their turn.
        with contextlib.suppress(Error):
            self.poll(100)

    def _unwatch(self) -> None:
        loop, descriptor = self._loop, self._descriptor
        if loop is None or descriptor < 0:
            return
        self._descriptor = -1
        in_its_thread = _core.loop_thread == threading.get_ident()
        _core.loop_thread = None
        if loop.is_closed():
            return
        if in_its_thread or not loop.is_running():
            loop.remove_reader(descriptor)
        else:
            # Before the descriptor is closed, whose number may then be somebody else's.
            removed = threading.Event()
            loop.call_soon_threadsafe(loop.remove_reader, descriptor)
            loop.call_soon_threadsafe(removed.set)
            removed.wait(5)

    def poll(self, max_jobs: int = 0, timeout_ms: int = 0) -> int:
        """Runs callbacks that wait, at most so many; waits for the first as long as told (less than
        0: for ever). Tells how many ran."""
        if _core.poll_thread is not None and not here.in_callback:
            _core.poll_thread = threading.get_ident()
            # A thread that polled while it waited for a call sees this, and leaves it to this one.
            with _core.polling:
                pass
        end = time.monotonic() + timeout_ms / 1000
        left = timeout_ms
        while True:
            ran = _core.poll(max_jobs, left)
            if timeout_ms >= 0:
                left = max(0, int((end - time.monotonic()) * 1000))
            if ran != 0 or left == 0:
                break
        if ran < 0:
            _core.check_fork()
            # The six codes of functions are negative; all others are given as their negative.
            raise Error(ran if ran >= _native.TIM_ERR_GROUP else -ran, "tim_poll")
        return ran

    def fileno(self) -> int:
        """Readable while callbacks wait, for select and event loops; -1 when not started."""
        descriptor: int = lib().tim_poll_fd()
        return descriptor

    # ---- events ----

    def _on(self, event: str, listener: Callable[..., object]) -> None:
        if not callable(listener):
            raise TypeError(f"a listener of {event!r} must be callable, which {listener!r} is not")
        if inspect.iscoroutinefunction(listener):
            raise TypeError(
                f"{listener!r} is a coroutine function, which nobody would await: use"
                f" `async for … in client.events({event!r})`"
            )
        _listen(event)
        with _changing:
            self._listeners[event] = (*self._listeners.get(event, ()), listener)

    def off(self, event: str, listener: Callable[..., object]) -> None:
        """Takes a listener away that was added with `on`."""
        with _changing:
            kept = (one for one in self._listeners.get(event, ()) if one != listener)
            self._listeners[event] = tuple(kept)

    def _events(self, event: str, limit: int) -> Stream[Any]:
        return self._stream(event, Stream(limit))

    def messages(self, limit: int = 10_000) -> Stream[types.Message]:
        """For `async for`: the messages that come, from this call on. Make it before `login`: what
        came while the user was away is told right after it. `limit`: see `Stream`."""
        return self._stream("messages", Stream(limit, each=True))

    def _stream(self, event: str, stream: Stream[Any]) -> Stream[Any]:
        _listen(event)
        with _changing:
            kept = (each for each in self._streams.get(event, ()) if each() is not None)
            self._streams[event] = (*kept, weakref.ref(stream))
        return stream

    def _tell(self, event: str, values: list[Any]) -> None:
        """Inside a callback of C, which no exception may leave."""
        for reference in self._streams.get(event, ()):
            stream = reference()
            if stream is not None:
                item: Any = values[0] if len(values) == 1 else tuple(values)
                stream.put(item if stream.each else [item])
        loop = self._loop
        elsewhere = loop is not None and self._descriptor < 0
        for listener in self._listeners.get(event, ()):
            try:
                if loop is not None and elsewhere:
                    loop.call_soon_threadsafe(listener, *values)
                else:
                    listener(*values)
            except (KeyboardInterrupt, SystemExit) as error:
                _core.interrupted(error, listener)
            except BaseException as error:
                if loop is None or loop.is_closed():
                    _core.report(error, listener)
                else:
                    message = f"Exception in the listener of {event!r}: {listener!r}"
                    loop.call_exception_handler({"message": message, "exception": error})

    # ---- the session ----

    def login(self, user_id: str, user_sig: str) -> Call[None]:
        """Logs in; the first login of a user makes the account."""
        return api.login(user_id, user_sig)

    def logout(self) -> Call[None]:
        return api.logout()

    def login_status(self) -> int:
        """TIM_LOGIN_STATUS_…"""
        status: int = lib().tim_get_login_status()
        return status

    def login_user(self) -> str:
        """Who is logged in; empty when nobody is."""
        buffer = ctypes.create_string_buffer(128)
        lib().tim_get_login_user_id(buffer)
        return buffer.value.decode()

    def stats(self) -> dict[str, Any]:
        """Figures on how libtim is doing; tim_get_stats names them."""
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = lib().tim_get_stats(buffer, size)
            if length < 0:
                _core.check_fork()
            if length < size:
                found: dict[str, Any] = json.loads(buffer.value)
                return found
            size = length + 256

    def suspend(self) -> None:
        """Closes database and connection until `resume`."""
        self._control("tim_suspend")

    def resume(self) -> None:
        self._control("tim_resume")

    def network_changed(self) -> None:
        """Hints that the device's network changed, so that libtim notices sooner."""
        self._control("tim_notify_network_changed")

    def set_draft(self, user_id: str, draft: types.Draft | None) -> None:
        """Keeps what the user has begun to write, on this device; None drops it."""
        conv = (user_id.encode(), _native.TIM_CONV_C2C)
        if draft is None:
            self._control("tim_conv_cancel_draft", *conv)
        else:
            self._control("tim_conv_set_draft", *conv, json.dumps(draft).encode())

    def subscribe_unread(self, filter: types.ConversationListFilter) -> None:
        """Begins to tell "unread_by_filter" when the number of unread messages changes."""
        name = "tim_conv_subscribe_unread_message_count_by_filter"
        self._control(name, json.dumps(filter).encode())

    def unsubscribe_unread(self, filter: types.ConversationListFilter) -> None:
        """Ends what `subscribe_unread` began."""
        name = "tim_conv_unsubscribe_unread_message_count_by_filter"
        self._control(name, json.dumps(filter).encode())

    def _control(self, name: str, *args: object) -> None:
        _core.check_fork()
        code = getattr(lib(), name)(*args)
        if code != 0:
            raise Error(code, name)

    # ---- messages ----

    def send(self, user_id: str, message: types.Message) -> Call[types.Message]:
        """Sends a message, {"message_elem_array": [...]} and whatever else tim.h names. The call's
        `message_id` is known at once."""
        return api.msg_send_message(user_id, _native.TIM_CONV_C2C, message)

    def send_text(self, user_id: str, text: str) -> Call[types.Message]:
        elem: types.Elem = {"elem_type": _native.TIM_ELEM_TEXT, "text_elem_content": text}
        return self.send(user_id, {"message_elem_array": [elem]})

    def history(
        self, user_id: str, count: int = 20, last: types.Message | None = None
    ) -> Call[list[types.Message]]:
        """The newest messages first, 1,000 at most, whatever `count` says; `last` is the oldest of
        the page before."""
        param: types.MsgGetMsgListParam = {
            "msg_getmsglist_param_count": count,
            "msg_getmsglist_param_is_ramble": True,
        }
        if last is not None:
            param["msg_getmsglist_param_last_msg"] = last
        return api.msg_get_msg_list(user_id, _native.TIM_CONV_C2C, param)

    def mark_read(self, user_id: str) -> Call[None]:
        return api.msg_report_readed(user_id, _native.TIM_CONV_C2C, None)

    # ---- conversations ----

    def conversations(self) -> Call[list[types.ConvInfo]]:
        """The one that moved last first."""
        return api.conv_get_conv_list()

    def conversation(self, user_id: str) -> Call[list[types.ConvInfo]]:
        """A list of one; empty when there is none with this user."""
        which: types.GetConversationListParam = {
            "get_conversation_list_param_conv_id": user_id,
            "get_conversation_list_param_conv_type": _native.TIM_CONV_C2C,
        }
        return api.conv_get_conv_info([which])

    def total_unread(self) -> Call[types.GetTotalUnreadNumberResult]:
        """From then on the event "total_unread" tells of changes."""
        return api.conv_get_total_unread_message_count()

    # ---- users ----

    def user_status(self, *user_ids: str) -> Call[list[types.UserStatus]]:
        return api.get_user_status(list(user_ids))

    def set_self_status(self, text: str) -> Call[None]:
        return api.set_self_status({"user_status_custom_status": text})

    def subscribe_status(self, *user_ids: str) -> Call[None]:
        return api.subscribe_user_status(list(user_ids))

    def unsubscribe_status(self, *user_ids: str) -> Call[None]:
        """Of these users, or of all."""
        return api.unsubscribe_user_status(list(user_ids))

    def profiles(self, *user_ids: str, refresh: bool = False) -> Call[list[types.UserProfile]]:
        """Of each who has registered; `refresh` asks the server for all of them."""
        query: types.FriendShipGetProfileListParam = {
            "friendship_getprofilelist_param_identifier_array": list(user_ids),
            "friendship_getprofilelist_param_force_update": refresh,
        }
        return api.profile_get_user_profile_list(query)

    def set_profile(
        self,
        *,
        nick_name: str | None = None,
        gender: int | None = None,
        face_url: str | None = None,
        self_signature: str | None = None,
        add_permission: int | None = None,
        location: str | None = None,
        language: int | None = None,
        birthday: int | None = None,
        level: int | None = None,
        role: int | None = None,
        custom: Mapping[str, str] | None = None,
    ) -> Call[None]:
        """One's own; what is None stays as it is. `custom` has the app's own fields."""
        own = None if custom is None else [
            {"user_profile_custom_string_info_key": k, "user_profile_custom_string_info_value": v}
            for k, v in custom.items()
        ]  # fmt: skip
        fields = {
            "nick_name": nick_name,
            "gender": gender,
            "face_url": face_url,
            "self_signature": self_signature,
            "add_permission": add_permission,
            "location": location,
            "language": language,
            "birthday": birthday,
            "level": level,
            "role": role,
            "custom_string_array": own,
        }
        update = {f"user_profile_item_{k}": v for k, v in fields.items() if v is not None}
        if not update:
            raise TypeError("set_profile needs a field to set")
        return api.profile_modify_self_user_profile(cast(types.UserProfileItem, update))

    def subscribe_profiles(self, *user_ids: str) -> Call[None]:
        return api.subscribe_user_info(list(user_ids))

    def unsubscribe_profiles(self, *user_ids: str) -> Call[None]:
        """Of these users, or of all."""
        return api.unsubscribe_user_info(list(user_ids))


def sdk_version() -> str:
    """Version of the library."""
    return _core.text(lib().tim_get_sdk_version())


def server_time() -> int:
    """The server's clock as far as it is known, in seconds."""
    seconds: int = lib().tim_get_server_time()
    return seconds
