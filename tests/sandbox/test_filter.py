"""The filter of system calls, judged by running its program as the kernel would."""

from __future__ import annotations

import errno
import os
import struct

import pytest

from adamedu.sandbox.inside.seccomp import MACHINES, UnknownMachineError, program

X86, ARM = 0xC000003E, 0xC00000B7
I386, ARM_32 = 0x40000003, 0x40000028
KILL, ALLOW = "kill", "allow"

# Independent of the table: from the kernel's own lists (asm/unistd_64.h, asm-generic/unistd.h).
CALLS = {
    "read": (0, 63),
    "openat": (257, 56),
    "mmap": (9, 222),
    "exit_group": (231, 94),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "unlinkat": (263, 35),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "sendto": (44, 206),
    "socketpair": (53, 199),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "setuid": (105, 146),
    "prctl": (157, 167),
    "seccomp": (317, 277),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "mq_open": (240, 180),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "symlinkat": (266, 36),
    "linkat": (265, 37),
    "mknodat": (259, 33),
    "truncate": (76, 45),
    "flock": (73, 32),
    "openat2": (437, 437),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "init_module": (175, 105),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "timer_create": (222, 107),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "acct": (163, 89),
}
NEEDED = {"read", "mmap", "exit_group"}
JUDGED = {"openat", "fcntl", "ioctl", "prlimit64", "unlinkat", "clone3", "openat2"}
NEW = 470  # newer than the table


def run(code, number, machine, arguments=()):
    """What the kernel does about a call: allow it, kill, or the error that it fails with."""
    arguments = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, machine, 0, *arguments)
    at = accumulator = 0
    while True:
        operation, yes, no, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            assert value % 4 == 0
            [accumulator] = struct.unpack_from("=I", data, value)
        elif operation == 0x06:
            names = {0x7FFF0000: ALLOW, 0x80000000: KILL}
            return names.get(value) or errno.errorcode[value & 0xFFFF]
        else:
            test = {0x15: int.__eq__, 0x35: int.__ge__, 0x45: int.__and__}[operation]
            at += yes if test(accumulator, value) else no


@pytest.fixture(params=[("x86_64", X86, 0), ("aarch64", ARM, 1)], ids=lambda param: param[0])
def decide(request):
    machine, mark, column = request.param

    def decide(call, *arguments, may_write=False):
        number = CALLS[call][column] if isinstance(call, str) else call
        return run(program(machine, may_write=may_write), number, mark, arguments)

    return decide


@pytest.mark.parametrize("may_write", [False, True])
@pytest.mark.parametrize("call", sorted(set(CALLS) - NEEDED - JUDGED))
def test_what_reaches_out_is_refused(decide, call, may_write):
    assert decide(call, may_write=may_write) == "EPERM"


@pytest.mark.parametrize("call", sorted(NEEDED))
def test_what_every_program_needs_is_allowed(decide, call):
    assert decide(call) == ALLOW


@pytest.mark.parametrize("number", [NEW, 511, 512, 547, 1023, 0x3FFFFFFF])
def test_what_isnt_known_is_refused(decide, number):
    assert decide(number) == "EPERM"


def test_calls_that_hide_their_arguments_arent_there(decide):
    assert decide("clone3") == decide("openat2") == "ENOSYS"


@pytest.mark.parametrize(
    "flags",
    [os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_RDWR | 0o20000000, os.O_WRONLY | 1 << 40],
)
def test_files_open_for_writing_where_there_is_room_to_write(decide, flags):
    assert decide("openat", 0, 0, flags) == "EROFS"
    assert decide("openat", 0, 0, flags, may_write=True) == ALLOW


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_CLOEXEC, os.O_DIRECTORY, os.O_NOFOLLOW])
def test_files_open_for_reading(decide, flags):
    assert decide("openat", 0, 0, flags) == ALLOW


def test_files_are_removed_where_there_is_room_to_write(decide):
    assert decide("unlinkat") == "EROFS"
    assert decide("unlinkat", may_write=True) == ALLOW


@pytest.mark.parametrize(
    ("command", "answer"),
    [(3, ALLOW), (1030, ALLOW), (6, "EPERM"), (8, "EPERM"), (1024, "EPERM"), (1033, "EPERM")],
)
def test_descriptors_can_be_copied_but_nothing_locked(decide, command, answer):
    assert decide("fcntl", 0, command) == answer


@pytest.mark.parametrize(("process", "answer"), [(0, ALLOW), (1, "EPERM"), (1 << 31, "EPERM")])
def test_limits_are_ones_own(decide, process, answer):
    assert decide("prlimit64", process) == answer


def test_nothing_is_a_terminal(decide):
    assert decide("ioctl", 0, 0x5412) == "ENOTTY"


@pytest.mark.parametrize(
    ("machine", "foreign"), [("x86_64", I386), ("x86_64", ARM), ("aarch64", ARM_32)]
)
def test_another_numbering_kills(machine, foreign):
    code = program(machine, may_write=True)
    assert {run(code, number, foreign) for number in range(500)} == {KILL}


def test_x32_kills():
    code = program("x86_64", may_write=True)
    assert {run(code, number | 0x40000000, X86) for number in range(600)} == {KILL}
    assert run(code, 0xFFFFFFFF, X86) == KILL


def test_a_processor_that_isnt_known_is_refused():
    with pytest.raises(UnknownMachineError, match="riscv64"):
        program("riscv64", may_write=False)


@pytest.mark.parametrize("machine", MACHINES)
def test_it_is_short_enough_for_the_kernel(machine):
    assert len(program(machine, may_write=False)) // 8 < 4096
