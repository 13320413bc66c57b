"""libtim for Python: chat for scripts, services and notebooks.

    import tim

    with tim.Client(app_id) as client:
        client.on("messages", print)
        client.login("bob", user_sig).result()
        client.send_text("alice", "hello").result()

or, in asyncio:

    async with tim.Client(app_id) as client:
        messages = client.messages()
        await client.login("bob", user_sig)
        async for message in messages:
            await client.send_text(message["message_sender"], "hello")

A call gives a `Call`, which can be waited for, awaited, or given a callback; it has the data that
tim.h names, as `tim.types` describes them, or raises `tim.Error`. `tim.api` has every function of
tim.h, `Client` those that are used most.

The library is looked for when it is first used: the file in the environment variable
TIM_LIBRARY_PATH, then beside this package, then wherever the system looks.
"""

from . import _native, api, types
from ._client import Client, current, sdk_version, server_time
from ._core import Call, Error, Stream, call, lib
from ._native import *

__version__ = TIM_VERSION

__all__ = [
    "Call",
    "Client",
    "Error",
    "Stream",
    "api",
    "call",
    "current",
    "lib",
    "sdk_version",
    "server_time",
    "types",
]
__all__ += _native.__all__
