"""The ```csharp blocks of the documents as programs.

    snippets.py FOLDER

docs/csharp.md: a block with a Main of its own becomes program-N.cs; the others become methods of fragments.cs, which
runs them one after the other. docs/unity.md: all become unity-N.cs.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FRAGMENTS = """using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Tim;

static class Fragments
{
    static readonly string bot = Env("TIM_BOT"), user = Env("TIM_USER"), ticket = Env("TIM_USER_SIG"), folder = Env("TIM_DIR");
    static readonly ulong appId = ulong.Parse(Env("TIM_APP_ID"));

    static string Env(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    static TimClient client;

    static void Main() { Run().GetAwaiter().GetResult(); }

    static async Task Run()
    {
ALL    }

    static async Task LoggedIn(Func<Task> fragment)
    {
        using (client = new TimClient(appId))
        {
            client.Start();
            await client.LoginAsync(user, ticket);
            await client.SendTextAsync(bot, "a message");
            await fragment();
        }
    }
METHODS}
"""


def blocks(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^```csharp\n(.*?)^```", text, re.M | re.S)


def main(folder):
    folder, fragments = Path(folder), []
    for n, block in enumerate(blocks("docs/csharp.md")):
        if " Main(" in block:
            (folder / f"program-{n}.cs").write_text(block, encoding="utf-8")
        else:
            fragments.append(block)
    for n, block in enumerate(blocks("docs/unity.md")):
        (folder / f"unity-{n}.cs").write_text(block, encoding="utf-8")
    calls = (
        f"        await LoggedIn(Fragment{n});\n" if "client." in block else f"        await Fragment{n}();\n"
        for n, block in enumerate(fragments)
    )
    # Some have nothing to wait for.
    methods = (
        f"\n    static async Task Fragment{n}()\n    {{\n{block}        await Task.Yield();\n    }}\n"
        for n, block in enumerate(fragments)
    )
    text = FRAGMENTS.replace("ALL", "".join(calls)).replace("METHODS", "".join(methods))
    (folder / "fragments.cs").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
