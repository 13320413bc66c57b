"""What each function of the ledger answers before tim_init and after tim_uninit: its column
`before_init`, and nothing else. A function that is added stands here by itself."""

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEDGER = HERE.parents[2] / "include" / "symbols.txt"

NOT_INITIALISED = 6013


def ledger():
    """(name, kind, before_init) of every exported function."""
    for line in LEDGER.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _domain, kind, before_init, _in_callback, _since = line.split(" ")
            yield name, kind, before_init


class Callback:
    """A completion that remembers where it ran and with what."""

    def __init__(self, callback_type):
        self.told = []
        self.c = callback_type(self)

    def __call__(self, *arguments):
        self.told.append((threading.get_ident(), arguments))


def nothing(argtype):
    """NULL, 0 or false."""
    return 0 if argtype in (ctypes.c_bool,) else argtype()


def with_callback(function):
    """The arguments of a call whose every value is missing but the callback."""
    *values, callback_type, _user_data = function.argtypes
    callback = Callback(callback_type)
    return callback, [nothing(a) for a in values] + [callback.c, None]


def check_code(name, kind, function):
    """Refused, whatever is handed over: that it is not initialised comes before all else."""
    if kind == "get" or name in WITHOUT_CALLBACK:
        assert function(*[nothing(a) for a in function.argtypes]) == -1, name
        return
    callback, arguments = with_callback(function)
    assert function(*arguments) == 0, name
    (told,) = callback.told
    thread, (code, desc, data, _user_data) = told
    assert thread == threading.get_ident(), f"{name}: on another thread"
    assert (code, data) == (NOT_INITIALISED, b""), f"{name}: {told}"
    assert desc, name
    *values, null, _ = arguments
    assert function(*values, type(null)(), None) == -1, f"{name} without a callback"


# Calls without a callback that change something.
WITHOUT_CALLBACK = {"tim_suspend", "tim_resume", "tim_notify_network_changed"}


def answers_set_config(function):
    callback, (_, c, user_data) = with_callback(function)
    assert function(b"{}", c, user_data) == 0
    ((thread, (code, _desc, data, _)),) = callback.told
    assert (thread, code) == (threading.get_ident(), 0)
    assert isinstance(json.loads(data), dict)


def answers_operation(function):
    callback, (_, c, user_data) = with_callback(function)
    request = {"request_internal_operation": "internal_operation_report_tuicomponent_usage"}
    assert function(json.dumps(request).encode(), c, user_data) == 0
    ((thread, (code, _desc, data, _)),) = callback.told
    assert (thread, code) == (threading.get_ident(), 0)
    operation = json.loads(data)["response_internal_operation"]
    assert operation == request["request_internal_operation"]


def answers_stats(function):
    buffer = ctypes.create_string_buffer(4096)
    assert function(buffer, 4096) > 0
    assert json.loads(buffer.value)["initialised"] is False


# What the functions answer that are answered normally.
NORMALLY = {
    "tim_uninit": lambda f: f() == 0,
    "tim_get_login_status": lambda f: f() == 3,
    "tim_get_sdk_version": lambda f: len(f()) > 0,
    "tim_get_server_time": lambda f: abs(f() - time.time()) < 5,
    "tim_set_config": answers_set_config,
    "tim_call_experimental_api": answers_operation,
    "tim_error_name": lambda f: f(NOT_INITIALISED) == b"TIM_ERR_SDK_NOT_INITIALIZED",
    "tim_poll": lambda f: f(0, 0) == -1,
    "tim_poll_fd": lambda f: f() == -1,
    "tim_get_stats": answers_stats,
}


def check_listen(name, function):
    """Set, replaced, and removed; the callback does not run."""
    callback_type = function.argtypes[0]
    callback = Callback(callback_type)
    rest = function.argtypes[1:]
    for c in (callback.c, callback.c, callback_type()):
        result = function(c, *[nothing(a) for a in rest])
        assert result in (None, 0), name
    assert callback.told == [], name


def check(lib):
    for name, kind, before_init in ledger():
        function = getattr(lib, name)
        if name == "tim_init":
            continue
        if before_init == "code":
            check_code(name, kind, function)
        elif kind == "listen":
            check_listen(name, function)
        else:
            assert name in NORMALLY, f"say in NORMALLY what {name} answers"
            assert NORMALLY[name](function) in (True, None), name


def main():
    sys.path.insert(0, str(HERE.parent))
    import tim

    lib = tim.lib()
    check(lib)
    folder = os.environ["TIM_TEST_FOLDER"]
    config = {"sdk_config_config_file_path": folder, "sdk_config_log_file_path": folder}
    assert lib.tim_init(1400000001, json.dumps(config).encode()) == 0
    assert lib.tim_uninit() == 0
    check(lib)
    # A failed init changes nothing.
    assert lib.tim_init(0, None) == -4
    check(lib)


class BeforeInit(unittest.TestCase):
    def test_every_function_of_the_ledger(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            env = dict(os.environ, TIM_TEST_FOLDER=folder)
            done = subprocess.run(
                [sys.executable, __file__], env=env, capture_output=True, text=True, timeout=120
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
