"""libtim for Python: every function of tim.h, and a small client over them.

    import tim

    client = tim.Client(app_id, server_url="wss://localhost:8443", server_ca_file="ca.pem")
    client.on("messages", lambda messages: print(messages))
    client.start()
    client.login("bob", user_sig).result()
    client.send_text("alice", "hello").result()
    client.close()

Calls return a `concurrent.futures.Future` with the data that tim.h names for them, or with
`tim.Error`. Callbacks run one at a time on a thread of Python's that `start` makes, or, without
it, inside `poll`. In a callback never wait for a future: it is the same thread that fulfils it.

libtim holds one login a process, and so does `Client`.

The library is looked for when it is first used: the file in the environment variable
TIM_LIBRARY_PATH, then beside this package, then wherever the system looks.
"""

import atexit
import ctypes
import itertools
import json
import os
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from . import _native
from ._native import *  # noqa: F401,F403  the constants of tim.h

__version__ = "0.1.0"


class Error(Exception):
    """A call that was refused (code -1 to -6) or that failed (any other code)."""

    def __init__(self, code, desc=""):
        name = _text(lib().tim_error_name(code)) or "?"
        super().__init__(f"{code} {name}" + (f": {desc}" if desc else ""))
        self.code, self.name, self.desc = code, name, desc


# ---- the library ----

_lib = None
_loading = threading.Lock()


def lib():
    """The functions of tim.h, with the types of their arguments set."""
    global _lib
    with _loading:
        if _lib is None:
            loaded = _load()
            _native.bind(loaded)
            _lib = loaded
    return _lib


def _load():
    named = os.environ.get("TIM_LIBRARY_PATH")
    if named:
        return ctypes.CDLL(named)
    names = {"win32": ["tim.dll"], "darwin": ["libtim.dylib"]}.get(
        sys.platform, ["libtim.so.0", "libtim.so"]
    )
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


# ---- data ----


def _text(data):
    return data.decode() if data else ""


def _value(data):
    return json.loads(data) if data else None


def _argument(value):
    """Text and JSON as the C functions want them; numbers and None as they are."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("text with a NUL cannot be passed to C")
        value = value.encode()
    return value


# ---- calls ----

# What waits for its completion. C is given the number, so no Python object can be collected
# while C still knows of it.
_waiting = {}
_numbers = itertools.count(1)
_on_complete = None
_listeners = []


def _complete(code, desc, data, number):
    future = _waiting.pop(number)
    if future.set_running_or_notify_cancel():
        if code == 0:
            future.set_result(_value(data))
        else:
            future.set_exception(Error(code, _text(desc)))


def call(name, *arguments):
    """Calls a function of tim.h that ends with a tim_comm_callback and user_data."""
    global _on_complete
    function = getattr(lib(), name)
    if _on_complete is None:
        _on_complete = function.argtypes[-2](_complete)
    number, future = next(_numbers), Future()
    _waiting[number] = future
    code = function(*map(_argument, arguments), _on_complete, number)
    if code != 0:
        del _waiting[number]
        raise Error(code)
    return future


_EVENTS = {
    "network": ("tim_set_network_status_listener_callback", int, int, _text),
    "kicked_offline": ("tim_set_kicked_offline_callback",),
    "user_sig_expired": ("tim_set_user_sig_expired_callback",),
    "self_info": ("tim_set_self_info_updated_callback", _value),
    "user_status": ("tim_set_user_status_changed_callback", _value),
    "user_info": ("tim_set_user_info_changed_callback", _value),
    "messages": ("tim_add_recv_new_msg_callback", _value),
    "receipts": ("tim_set_msg_readed_receipt_callback", _value),
    "conversations": ("tim_set_conv_event_callback", int, _value),
    "total_unread": ("tim_set_conv_total_unread_message_count_changed_callback", int),
    "log": ("tim_set_log_callback", int, _text),
}


def on(event, listener):
    """Sets who is told of an event: one of `_EVENTS`, which names what the listener gets.

    Set listeners before `start`. Each event has one, but "messages" may have several.
    """
    setter, *readers = _EVENTS[event]
    function = getattr(lib(), setter)

    def told(*arguments):
        listener(*(read(argument) for read, argument in zip(readers, arguments)))

    callback = function.argtypes[0](told)
    # Kept for good: C may be inside the old one while a new one is set.
    _listeners.append(callback)
    function(callback, None)


class Client:
    """The one client of this process. Its settings are the keys of tim_init's JSON without
    `sdk_config_`: server_url, server_ca_file, server_pins, config_file_path, log_file_path."""

    def __init__(self, app_id, **config):
        self._app_id = app_id
        self._config = {"sdk_config_" + key: value for key, value in config.items()}
        self._config.setdefault("sdk_config_callback_mode", "poll")
        self._poller = None

    on = staticmethod(on)

    def start(self, poll_thread=True):
        """tim_init. Without `poll_thread`, call `poll` from your own loop."""
        code = lib().tim_init(self._app_id, _argument(self._config))
        if code != 0:
            raise Error(code, "tim_init")
        atexit.register(self.close)
        if poll_thread and self._config["sdk_config_callback_mode"] == "poll":
            self._poller = threading.Thread(target=self._poll, name="tim-poll", daemon=True)
            self._poller.start()

    def close(self):
        """tim_uninit: what is pending fails with 7009; afterwards no callback runs any more."""
        atexit.unregister(self.close)
        lib().tim_uninit()
        if self._poller not in (None, threading.current_thread()):
            self._poller.join()

    def _poll(self):
        # Ends after tim_uninit, whoever called it.
        while lib().tim_poll(0, -1) != _native.TIM_ERR_SDKUNINIT:
            pass

    def poll(self, max_jobs=0, timeout_ms=0):
        """Runs callbacks that wait; tells how many."""
        ran = lib().tim_poll(max_jobs, timeout_ms)
        if ran < 0:
            # The six codes of functions are negative; all others are given as their negative.
            raise Error(ran if ran >= _native.TIM_ERR_GROUP else -ran, "tim_poll")
        return ran

    def fileno(self):
        """Readable while callbacks wait, for select and asyncio's add_reader."""
        return lib().tim_poll_fd()

    def login(self, user_id, user_sig):
        return call("tim_login", user_id, user_sig)

    def logout(self):
        return call("tim_logout")

    def login_status(self):
        return lib().tim_get_login_status()

    def login_user(self):
        buffer = ctypes.create_string_buffer(128)
        lib().tim_get_login_user_id(buffer)
        return buffer.value.decode()

    def send(self, user_id, message):
        """Sends a Message: {"message_elem_array": [...]} and whatever else tim.h names."""
        return call("tim_msg_send_message", user_id, _native.TIM_CONV_C2C, message, None)

    def send_text(self, user_id, text):
        elem = {"elem_type": _native.TIM_ELEM_TEXT, "text_elem_content": text}
        return self.send(user_id, {"message_elem_array": [elem]})

    def history(self, user_id, count=20, last=None):
        """The newest messages first; `last` is the oldest of the page before."""
        param = {"msg_getmsglist_param_count": count, "msg_getmsglist_param_is_ramble": True}
        if last is not None:
            param["msg_getmsglist_param_last_msg"] = last
        return call("tim_msg_get_msg_list", user_id, _native.TIM_CONV_C2C, param)

    def mark_read(self, user_id):
        return call("tim_msg_report_readed", user_id, _native.TIM_CONV_C2C, None)

    def conversations(self):
        return call("tim_conv_get_conv_list")

    def conversation(self, user_id):
        which = {
            "get_conversation_list_param_conv_id": user_id,
            "get_conversation_list_param_conv_type": _native.TIM_CONV_C2C,
        }
        return call("tim_conv_get_conv_info", [which])

    def total_unread(self):
        return call("tim_conv_get_total_unread_message_count")

    def user_status(self, *user_ids):
        return call("tim_get_user_status", list(user_ids))

    def set_self_status(self, text):
        return call("tim_set_self_status", {"user_status_custom_status": text})

    def subscribe_status(self, *user_ids):
        return call("tim_subscribe_user_status", list(user_ids))

    def unsubscribe_status(self, *user_ids):
        return call("tim_unsubscribe_user_status", list(user_ids))

    def profiles(self, *user_ids, refresh=False):
        """UserProfile of each who has registered; `refresh` asks the server for all of them."""
        query = {
            "friendship_getprofilelist_param_identifier_array": list(user_ids),
            "friendship_getprofilelist_param_force_update": refresh,
        }
        return call("tim_profile_get_user_profile_list", query)

    def set_profile(self, **fields):
        """One's own: nick_name, gender, face_url, self_signature, add_permission, location,
        language, birthday, level, role; `custom` is a dict of the app's own fields."""
        custom = fields.pop("custom", {})
        update = {f"user_profile_item_{name}": value for name, value in fields.items()}
        update["user_profile_item_custom_string_array"] = [
            {
                "user_profile_custom_string_info_key": key,
                "user_profile_custom_string_info_value": value,
            }
            for key, value in custom.items()
        ]
        return call("tim_profile_modify_self_user_profile", update)

    def subscribe_profiles(self, *user_ids):
        return call("tim_subscribe_user_info", list(user_ids))

    def unsubscribe_profiles(self, *user_ids):
        return call("tim_unsubscribe_user_info", list(user_ids))

    def stats(self):
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = lib().tim_get_stats(buffer, size)
            if length < size:
                return json.loads(buffer.value)
            size = length + 256


def sdk_version():
    """Version of the library."""
    return _text(lib().tim_get_sdk_version())


def server_time():
    """The server's clock as far as it is known, in seconds."""
    return lib().tim_get_server_time()
