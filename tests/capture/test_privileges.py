"""Rights: whom to become, and what is said where there are none."""

import os
import subprocess
import sys

import pytest

from wirestat.capture import privileges
from wirestat.errors import UsageError

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@root
def test_root_becomes_the_named_user_or_the_one_behind_sudo_or_nobody() -> None:
    user = privileges.target(None, {"SUDO_UID": "65534"})
    assert user == privileges.target("65534", {})
    assert privileges.target(None, {"SUDO_UID": "0"}) == privileges.nobody()
    assert privileges.target(None, {}) == privileges.nobody()
    named = privileges.target("nobody", {"SUDO_UID": "0"})
    assert named == user
    for wrong in ("nobody-at-all", "", " ", "-1", "٣", "9" * 30, "9" * 5000, "a\0b", "\udcff"):
        with pytest.raises(UsageError, match="no such user"):
            privileges.target(wrong, {})


@root
@pytest.mark.root
def test_rights_are_given_up_for_good() -> None:
    script = """
import os
from wirestat.capture import privileges
privileges.drop(privileges.target("nobody", {}))
assert os.getresuid() == (65534,) * 3 and 0 not in os.getgroups() + list(os.getresgid())
try:
    os.setuid(0)
except PermissionError:
    print("gone")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("gone\n", "")


def test_a_refusal_names_the_exact_sudo_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/bin/wirestat", "live", "-i", "eth0", "host a b"])
    error = privileges.denied("eth0")
    assert str(error.hint).endswith("sudo /opt/bin/wirestat live -i eth0 'host a b'")
    assert "setcap" not in str(error.hint)


def test_a_module_is_named_as_python_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/lib/wirestat/__main__.py", "live"])
    assert str(privileges.denied("eth0").hint).endswith(f"sudo {sys.executable} -P -m wirestat live")
