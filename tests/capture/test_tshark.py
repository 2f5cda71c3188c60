"""A tshark that cannot be used: said at once, with the package to install."""

from pathlib import Path

import pytest

import wirestat
from wirestat.errors import Unavailable

from . import made


def test_an_old_tshark_names_the_package(tmp_path: Path) -> None:
    program = tmp_path / "tshark"
    program.write_text("#!/bin/sh\necho 'TShark (Wireshark) 2.6.20 (Git v2.6.20 packaged as 2.6.20-0)'\n")
    program.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents):
        folder.chmod(folder.stat().st_mode | 0o011)  # root has another user run it
    path = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]())
    with pytest.raises(Unavailable, match=r"tshark 2\.6\.20 is too old: it takes 3\.4 or later") as caught:
        wirestat.analyze(path, engine="pyshark", tshark=str(program))
    assert "apt install tshark" in str(caught.value.hint)
