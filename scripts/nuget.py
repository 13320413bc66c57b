#!/usr/bin/env python3
"""A NuGet package of Tim.Client without dotnet: what `dotnet pack` makes of its project file, with an assembly that mcs
compiled.

    nuget.py ASSEMBLY OUTPUT_FOLDER RUNTIME=LIBRARY…

RUNTIME is one of .NET's names: linux-x64, linux-arm64, win-x64, osx-x64, osx-arm64.
"""

import re
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from readme import readme

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "bindings/csharp/Tim.Client/Tim.Client.csproj"
LIBRARIES = {
    "linux-x64": "libtim.so",
    "linux-arm64": "libtim.so",
    "win-x64": "tim.dll",
    "osx-x64": "libtim.dylib",
    "osx-arm64": "libtim.dylib",
}
NUSPEC = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>{PackageId}</id>
    <version>{Version}</version>
    <authors>{Authors}</authors>
    <license type="expression">{PackageLicenseExpression}</license>
    <readme>{PackageReadmeFile}</readme>
    <description>{Description}</description>
    <tags>{PackageTags}</tags>
    <dependencies>
      <group targetFramework=".NETStandard2.0" />
    </dependencies>
  </metadata>
</package>
"""
TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  {defaults}
</Types>
"""
RELATIONSHIPS = """<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/{name}.nuspec" Id="R1" />
</Relationships>
"""


def properties():
    project = ElementTree.parse(PROJECT).getroot()
    found = {child.tag: child.text for group in project.iter("PropertyGroup") for child in group}
    workspace = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', workspace.split("[workspace.package]")[1], re.M)[1]
    if found["Version"] != version:
        sys.exit(f"{PROJECT}: version {found['Version']}, and the library's is {version}")
    return found


def main(assembly, folder, *libraries):
    found = properties()
    name = found["PackageId"]
    files = {
        f"{name}.nuspec": NUSPEC.format(**{key: escape(value or "") for key, value in found.items()}),
        f"lib/netstandard2.0/{name}.dll": Path(assembly).read_bytes(),
        found["PackageReadmeFile"]: readme(f"docs/{found['PackageReadmeFile']}"),
        "_rels/.rels": RELATIONSHIPS.format(name=name),
    }
    for library in libraries:
        runtime, _, path = library.partition("=")
        if runtime not in LIBRARIES:
            sys.exit(f"{runtime} is none of {', '.join(LIBRARIES)}")
        files[f"runtimes/{runtime}/native/{LIBRARIES[runtime]}"] = Path(path).read_bytes()
    endings = sorted({file.rsplit(".", 1)[1] for file in files} - {"rels"})
    defaults = (f'<Default Extension="{e}" ContentType="application/octet-stream" />' for e in endings)
    types = TYPES.format(defaults="\n  ".join(defaults))
    Path(folder).mkdir(parents=True, exist_ok=True)
    package = Path(folder) / f"{name}.{found['Version']}.nupkg"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        # NuGet wants this one first.
        for path, content in [("[Content_Types].xml", types), *files.items()]:
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    print(package)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
