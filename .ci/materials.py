"""Writes the bill of materials of a wheel (CycloneDX): crates that are compiled in, packages that are asked for.

python .ci/materials.py WHEEL
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src/core/Cargo.toml"
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
"""The name in a requirement (PEP 508)."""


def crates() -> list[dict[str, Any]]:
    """Return the crates that the library is made of, as the lock file fixes them; those of tests are left out."""
    command = ["cargo", "tree", "--manifest-path", str(CORE), "--locked", "--features", "python"]
    shape = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}|{l}"]
    listed = subprocess.run([*command, *shape], check=True, capture_output=True, text=True).stdout
    locked = {
        (crate["name"], crate["version"]): crate.get("checksum")
        for crate in tomllib.loads(CORE.with_name("Cargo.lock").read_text())["package"]
    }
    found = {}
    for line in listed.splitlines():
        package, _, licence = line.removesuffix(" (*)").partition("|")
        name, version, *_ = package.split()
        checksum = locked[name, version.removeprefix("v")]
        if checksum is not None:  # else it is the core itself
            found[name, version] = component("cargo", name, version.removeprefix("v"), licence, checksum)
    return [found[key] for key in sorted(found)]


def component(kind: str, name: str, version: str, licence: str, checksum: str) -> dict[str, Any]:
    """Return a component that is fixed to a version."""
    url = f"pkg:{kind}/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "purl": url,
        "scope": "required",
        "licenses": [{"expression": licence.replace("/", " OR ")}],
        "hashes": [{"alg": "SHA-256", "content": checksum}],
    }


def packages(project: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the packages of Python that are asked for, or may be: in whatever version is installed."""
    wanted = [(line, "required") for line in project["dependencies"]]
    extras = project["optional-dependencies"].values()
    wanted += [(line, "optional") for lines in extras for line in lines]
    named = {project["name"]: ("", "")}  # the extra with all others names the project itself
    for line, scope in wanted:
        named.setdefault(_NAME.match(line)[0], (line, scope))  # type: ignore[index]  # a requirement begins with a name
    return [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}",
            "name": name,
            "purl": f"pkg:pypi/{name}",
            "scope": scope,
            "description": f"asked for as {line}; not a part of the wheel",
        }
        for name, (line, scope) in named.items()
        if line
    ]


def bill(wheel: Path) -> dict[str, Any]:
    """Return the whole bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with zipfile.ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        version = re.search(r"^Version: (.+)$", archive.read(place).decode(), re.MULTILINE)
    assert version is not None
    when = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    url = f"pkg:pypi/{project['name']}@{version[1]}"
    made, asked = crates(), packages(project)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": url,
                "name": project["name"],
                "version": version[1],
                "purl": url,
                "licenses": [{"expression": project["license"]}],
                "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}],
            },
        },
        "components": made + asked,
        "dependencies": [{"ref": url, "dependsOn": [each["bom-ref"] for each in made + asked]}],
    }


if __name__ == "__main__":
    print(json.dumps(bill(Path(sys.argv[1])), indent=1))
