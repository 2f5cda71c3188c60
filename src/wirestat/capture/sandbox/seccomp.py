"""A filter on system calls (``seccomp(2)``): it refuses those that tracking packets never needs."""

import ctypes
import errno
import platform
import struct

from wirestat.capture.sandbox.kernel import syscall

_SET_MODE_FILTER = 1
_ALL_THREADS = 1
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_KILL = 0x80000000

_LOAD, _JUMP_IF, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of classic BPF; a jump has the number of instructions to skip if true, and if false."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000
"""The first system call number of the x32 ABI: a second set of numbers for the same calls on x86_64."""

_UNIX, _NETLINK = 1, 16
_ASKING = (_UNIX, _NETLINK)
"""Socket families that may still be opened, to ask the kernel about interfaces; ``connect`` stays refused."""

_ARCHITECTURES = {"x86_64": (0xC000003E, 0, 317), "aarch64": (0xC00000B7, 1, 277)}
"""By architecture: its AUDIT_ARCH value, its column of the numbers below, and its number of ``seccomp``."""

_SOCKET = (41, 198)
_REFUSED: dict[str, tuple[int, int]] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "connect": (42, 203),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "personality": (135, 92),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
"""The refused calls, with their numbers on x86_64 and aarch64."""


def filter_calls() -> str:
    """Refuse the calls in all threads, including later ones; say what was achieved."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return f"no filter on system calls for {machine}"
    number = _ARCHITECTURES[machine][2]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program(machine))
    instructions = ctypes.create_string_buffer(code, len(code))
    layout = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    try:
        syscall(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.create_string_buffer(layout, len(layout)))
    except OSError as error:
        return f"system calls cannot be filtered: {error.strerror}"
    return f"{len(_REFUSED) + 1} system calls refused"


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """Write the filter: instructions of the classic packet filter over ``struct seccomp_data``."""
    name, column, _ = _ARCHITECTURES[machine]
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF, 1, 0, name),
        (_RETURN, 0, 0, _KILL),  # the same numbers mean other calls on another architecture
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [(_JUMP_IF_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for numbers in _REFUSED.values():
        lines += [(_JUMP_IF, 0, 1, numbers[column]), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_JUMP_IF, 1, 0, _SOCKET[column]), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    for family in _ASKING:
        lines += [(_JUMP_IF, 0, 1, family), (_RETURN, 0, 0, _ALLOW)]
    return [*lines, (_RETURN, 0, 0, _REFUSE)]
