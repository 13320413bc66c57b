#!/usr/bin/env python3
"""Rules of Unreal's header tool and of the plugin's public headers, as far as they can be told from the text.

    check.py PLUGIN_FOLDER
"""

import json
import re
import sys
from pathlib import Path

# What the header tool takes in UPROPERTY and UFUNCTION, besides what the headers themselves declare.
TYPES = {"bool", "float", "int32", "int64", "FString", "FName", "FDateTime", "UObject*", "void"}


def stripped(text):
    return re.sub(r"//.*|/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def is_known(kind, declared):
    kind = re.sub(r"\bconst\b|&|\s+$", "", kind).replace(" ", "")
    inner = re.fullmatch(r"TArray<(.+)>", kind)
    kind = inner[1] if inner else kind
    return kind in TYPES or kind in declared or kind.rstrip("*") in declared


def check(path, declared):
    text = stripped(path.read_text(encoding="utf-8"))
    reflected = re.search(r"\b(UCLASS|USTRUCT|UENUM)\(", text)
    if "#pragma once" not in text:
        yield "has no #pragma once"
    if not reflected:
        return
    includes = re.findall(r'#include "(.+)"', text)
    if not includes or includes[-1] != f"{path.stem}.generated.h":
        yield "its last include has to be its .generated.h"
    for word in ("std::", "#include <", "tim.h", "template", "TimClient.h"):
        if word in text:
            yield f"has {word}: no business of a reflected header"
    for kind, head in re.findall(r"\b(UCLASS|USTRUCT)\(.*\)\n((?:.*\n){3})", text):
        name = re.match(r"(?:class|struct) TIM_API (\w+)", head)
        if not name or "GENERATED_BODY()" not in head:
            yield f"{head.strip()}: wants TIM_API and GENERATED_BODY()"
        elif name[1][0] != {"UCLASS": "U", "USTRUCT": "F"}[kind]:
            yield f"{name[1]}: a {kind} begins with another letter"
    for head in re.findall(r"\bUENUM\(.*\)\n(.*)\n", text):
        if not re.fullmatch(r"enum class E\w+ : uint8", head):
            yield f"{head}: Blueprint wants enum class E… : uint8"
    for specifiers, kind, name in re.findall(r"UPROPERTY\((.*)\)\n\s*(\S+) (\w+)(?: = .*)?;", text):
        if not is_known(kind, declared):
            yield f"{name}: {kind} is no type for a property"
        if kind == "bool" and not re.match(r"b[A-Z]", name):
            yield f"{name}: a bool begins with b"
        if "BlueprintAssignable" in specifiers and "DELEGATE" not in declared.get(kind, ""):
            yield f"{name}: {kind} is no multicast delegate"
    for head in re.findall(r"UFUNCTION\(.*\)\n\s*(.*)\n", text):
        match = re.match(r"(?:static )?(\S+) (\w+)\(([^)]*)\)", head)
        kinds = [match[1]] + [re.sub(r"\s*\w+( = .*)?$", "", p) for p in match[3].split(", ") if p]
        for kind in kinds:
            if not is_known(kind, declared):
                yield f"{match[2]}: {kind} is no type for Blueprint"
    # Blueprint makes the pins of a node of its first delegate.
    for body in re.split(r"\nUCLASS", text)[1:]:
        pins = set(re.findall(r"BlueprintAssignable\)\n\s*(\w+) ", body))
        if "static " in body and len(pins) != 1:
            yield f"a node has pins with different values: {', '.join(sorted(pins))}"


def main(folder):
    headers = sorted((Path(folder) / "Source/Tim/Public").glob("*.h"))
    text = "\n".join(stripped(h.read_text(encoding="utf-8")) for h in headers)
    declared = {name: "" for name in re.findall(r"(?:class|struct|enum class) (?:TIM_API )?(\w+)", text)}
    declared |= {name: macro for macro, name in re.findall(r"(DECLARE_DYNAMIC_MULTICAST_DELEGATE\w*)\((\w+)", text)}
    wrong = [f"{header.name}: {what}" for header in headers for what in check(header, declared)]
    modules = json.loads((Path(folder) / "Tim.uplugin").read_text(encoding="utf-8"))["Modules"]
    for module in modules:
        if not (Path(folder) / f"Source/{module['Name']}/{module['Name']}.Build.cs").exists():
            wrong.append(f"Tim.uplugin: there is no module {module['Name']}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"unreal: {len(headers)} headers keep the rules")


if __name__ == "__main__":
    main(*sys.argv[1:])
