"""Who holds which socket."""

import os
import socket
import sys
from pathlib import Path

import pytest

from wirestat.host.processes import Processes, unit

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")


def test_a_socket_of_this_process_is_found_with_its_user() -> None:
    with socket.socket() as one:
        inode = os.fstat(one.fileno()).st_ino
        (found,) = Processes().find({inode}).values()
    assert found.pid == os.getpid()
    assert found.program == Path("/proc/self/comm").read_text().strip()
    assert found.user
    assert str(found) == f"{os.getpid()}/{found.program}"


def test_a_descriptor_that_is_used_again_is_found_in_the_end() -> None:
    processes = Processes()
    first = socket.socket()
    number = first.fileno()
    assert processes.find({os.fstat(number).st_ino})
    first.close()
    second = socket.socket()
    assert second.fileno() == number
    processes._next_whole = 0.0
    assert processes.find({os.fstat(number).st_ino})
    second.close()


def test_a_forgotten_process_is_looked_for_again() -> None:
    processes = Processes()
    with socket.socket() as one:
        inode = os.fstat(one.fileno()).st_ino
        assert processes.find({inode})
        processes.forget({inode})
        processes._next_whole = 0.0
        assert processes.find({inode})
    assert sys.platform.startswith("linux")


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("/system.slice/nginx.service", "nginx.service"),
        ("/system.slice/docker-0123456789abcdef0123.scope", "docker 0123456789ab"),
        (
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1a2b3c4d_1111.slice/"
            "cri-containerd-feedfacecafe1234.scope",
            "cri-containerd feedfacecafe (pod 1a2b3c4d)",
        ),
        ("/user.slice/user-0.slice/session-3.scope", "session-3.scope"),
        ("/", ""),
    ],
)
def test_control_groups_are_named(group: str, name: str) -> None:
    assert unit(group) == name
