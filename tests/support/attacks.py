"""What a hostile submission tries: each function returns True where it succeeds.

This file's text is the submission. It is run by a sandbox, where nothing may succeed, and by a
naive runner, where everything must: an attack that can't succeed proves nothing.
"""

import ctypes
import errno
import functools
import gc
import importlib.util
import linecache
import os
import platform
import resource
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress

import numpy as np

X86 = platform.machine() == "x86_64"


def syscall(x86_64, aarch64, *arguments):
    """Make a system call by its number; errors are exceptions."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(x86_64 if X86 else aarch64), *arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def fails_only_for_its_arguments(x86_64, aarch64, *arguments):
    """Whether the kernel looked at a call's arguments at all."""
    try:
        syscall(x86_64, aarch64, *arguments)
    except OSError as error:
        return error.errno not in {errno.EPERM, errno.ENOSYS, errno.EACCES}
    return True


# Files that are somebody else's.


def read_a_file(world):
    return open(world["file"]).read() == world["secret"]


def read_a_file_by_a_way_around(world):
    up = "/".join([".."] * 20)
    return open(f"/usr/lib/{up}{world['file']}").read() == world["secret"]


def read_a_file_from_its_folder(world):
    folder = os.open(world["folder"], os.O_RDONLY | os.O_DIRECTORY)
    file = os.open(os.path.basename(world["file"]), os.O_RDONLY, dir_fd=folder)
    return os.read(file, 100).decode() == world["secret"]


def read_a_file_from_inside_its_folder(world):
    os.chdir(world["folder"])
    return open(os.path.basename(world["file"])).read() == world["secret"]


def read_a_file_through_proc(world):
    return open(f"/proc/self/root{world['file']}").read() == world["secret"]


def read_a_file_with_numpy(world):
    return np.fromfile(world["file"], np.uint8).tobytes().decode() == world["secret"]


def read_a_file_with_linecache(world):
    return linecache.getline(world["file"], 1).strip() == world["secret"]


def read_a_file_with_the_c_library(world):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fopen.restype = ctypes.c_void_p
    file = ctypes.c_void_p(libc.fopen(world["file"].encode(), b"r"))
    buffer = ctypes.create_string_buffer(100)
    return (
        bool(file)
        and bool(libc.fgets(buffer, 100, file))
        and (buffer.value.decode() == world["secret"])
    )


def read_a_file_with_openat2(world):
    how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)
    path = world["file"].encode()
    file = syscall(437, 437, -100, path, ctypes.byref(how), ctypes.c_size_t(24))
    return os.read(file, 100).decode() == world["secret"]


def map_a_file_into_memory(world):
    import mmap

    with open(world["file"], "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:].decode() == world["secret"]


def read_a_file_through_a_link(world):
    link = f"{world['scratch']}/link-{os.getpid()}"
    os.symlink(world["file"], link)
    try:
        return open(link).read() == world["secret"]
    finally:
        os.unlink(link)


def read_a_file_through_a_hard_link(world):
    link = f"{world['scratch']}/hard-link-{os.getpid()}"
    os.link(world["file"], link)
    try:
        return open(link).read() == world["secret"]
    finally:
        os.unlink(link)


def list_a_folder(world):
    return os.path.basename(world["file"]) in os.listdir(world["folder"])


def search_a_folder(world):
    return any(world["file"].endswith(entry.name) for entry in os.scandir(world["folder"]))


def read_a_command_line(world):
    return b"sleep" in open(f"/proc/{world['process']}/cmdline", "rb").read()


def read_an_environment(world):
    return world["secret"].encode() in open(f"/proc/{world['process']}/environ", "rb").read()


def list_the_processes(world):
    return str(world["process"]) in os.listdir("/proc")


# The reference.


def import_the_reference(world):
    return importlib.import_module("adamedu.optimizers").adam(0.0, 1.0, 1, 0.0, 0.0)[1] > 0


def ask_the_package_for_the_reference(world):
    return importlib.import_module("adamedu").adam(0.0, 1.0, 1, 0.0, 0.0)[1] > 0


def read_the_reference_by_its_path(world):
    return "beta2" in open(f"{world['package']}/optimizers.py").read()


def load_the_reference_by_its_path(world):
    from importlib.machinery import SourceFileLoader

    code = SourceFileLoader("found", f"{world['package']}/optimizers.py").get_code("found")
    return code is not None and "adam" in code.co_names


def read_the_compiled_reference(world):
    file = importlib.util.cache_from_source(f"{world['package']}/optimizers.py")
    return b"beta2" in open(file, "rb").read()


def find_the_reference_beside_what_is_loaded(world):
    folders = {os.path.dirname(getattr(m, "__file__", None) or "") for m in sys.modules.values()}
    folders |= {os.path.dirname(folder) for folder in folders} | set(sys.path)
    for folder in folders:
        for path in (f"{folder}/optimizers.py", f"{folder}/adamedu/optimizers.py"):
            with suppress(OSError):
                if "beta2" in open(path).read():
                    return True
    return False


def find_the_reference_where_it_is_installed(world):
    for folder in {*sys.path, *world["libraries"]}:
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if "adamedu" in name and name.endswith(".pth"):
                with suppress(OSError):
                    place = open(f"{folder}/{name}").read().strip()
                    if "beta2" in open(f"{place}/adamedu/optimizers.py").read():
                        return True
    return False


def read_the_reference_as_a_resource(world):
    from importlib import resources

    return "beta2" in (resources.files("adamedu") / "optimizers.py").read_text()


def read_the_solutions(world):
    return bool(os.listdir(f"{world['package']}/../solutions"))


def read_the_mistakes(world):
    return bool(os.listdir(f"{world['package']}/content/mistakes"))


def find_the_reference_in_memory(world):
    gc.unfreeze()
    for thing in gc.get_objects():
        with suppress(Exception):
            if type(thing).__name__ == "Recurrence":
                return True
            code = getattr(thing, "__code__", None)
            if code is not None and {"beta1", "beta2", "eps"} <= set(code.co_varnames):
                return True
    return False


def find_the_reference_among_the_modules(world):
    return any("LADDER" in getattr(module, "__dict__", {}) for module in sys.modules.values())


def find_the_secret_in_the_callers(world):
    for frame, _ in traceback.walk_stack(sys._getframe()):
        for value in (*frame.f_globals.values(), *frame.f_locals.values()):
            if type(value) is str and value == "the course" + " secret":
                return True
    return False


def find_the_secret_in_the_environment(world):
    return os.environ.get("ADAMEDU_SECRET") == "the course secret"


# The network, and services of the machine.


def connect_over_tcp(world):
    with socket.create_connection(("127.0.0.1", world["port"]), timeout=1):
        return True


def send_over_udp(world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        return udp.sendto(b"x", ("127.0.0.1", world["port"])) == 1


def open_an_ipv6_socket(world):
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM).fileno() > 0


def connect_to_a_socket_file(world):
    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect(world["socket"])
        return True


def connect_to_an_abstract_socket(world):
    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect("\0" + world["abstract"])
        return True


def ask_the_kernel_over_netlink(world):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.bind((0, 0))
        return True


def listen_for_others(world):
    with socket.create_server(("127.0.0.1", 0)):
        return True


def make_a_pair_of_sockets(world):
    return len(socket.socketpair()) == 2


def open_a_socket_by_number(world):
    return syscall(41, 198, socket.AF_INET, socket.SOCK_STREAM, 0) > 0


# Processes.


def fork(world):
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[0] == child


def fork_by_number(world):
    child = syscall(56, 220, signal.SIGCHLD, None, None, None, None)
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[0] == child


def fork_with_clone3(world):
    arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    child = syscall(435, 435, ctypes.byref(arguments), ctypes.c_size_t(64))
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[0] == child


def start_a_thread(world):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return True


def start_a_program(world):
    with suppress(FileNotFoundError):
        os.execv("/no such program", ["x"])
    return True


def run_a_command(world):
    return os.system("exit 3") >> 8 == 3


def run_a_subprocess(world):
    import subprocess

    return subprocess.run([sys.executable, "-c", "exit(3)"], check=False).returncode == 3


def spawn_a_program(world):
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", "exit(3)"], {})
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def send_a_signal(world):
    os.kill(world["process"], signal.SIGCONT)
    return True


def send_a_signal_to_the_parent(world):
    os.kill(os.getppid(), 0)
    return True


def send_a_signal_to_everybody(world):
    os.kill(-1, 0)
    return True


def send_a_signal_to_the_group(world):
    os.killpg(0, 0)
    return True


def send_a_signal_through_a_descriptor(world):
    return syscall(434, 434, world["process"], 0) > 0


def be_traced(world):
    return syscall(101, 117, 0, 0, None, None) == 0


def copy_memory_between_processes(world):
    target = ctypes.create_string_buffer(5)
    source = ctypes.create_string_buffer(b"12345")
    local = (ctypes.c_void_p * 2)(ctypes.addressof(target), 5)
    remote = (ctypes.c_void_p * 2)(ctypes.addressof(source), 5)
    one = ctypes.c_ulong(1)
    process_vm_readv = functools.partial(syscall, 310, 270, os.getpid())
    return (
        process_vm_readv(ctypes.byref(local), one, ctypes.byref(remote), one, ctypes.c_ulong()) == 5
    )


def change_anothers_limits(world):
    return bool(resource.prlimit(world["process"], resource.RLIMIT_NOFILE))


def change_the_priority(world):
    os.nice(1)
    return True


def stay_when_the_parent_ends(world):
    return syscall(157, 167, 1, 0, 0, 0, 0) == 0


def lift_the_limits(world):
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, unlimited)
    return resource.getrlimit(resource.RLIMIT_AS) == unlimited


# What others would find changed.


def write_a_file(world):
    path = f"{world['folder']}/written-{os.getpid()}"
    with open(path, "w") as file:
        file.write("x")
    os.unlink(path)
    return True


def append_to_a_file(world):
    with open(f"{world['folder']}/changeable", "a") as file:
        return file.write("x") == 1


def truncate_a_file(world):
    os.truncate(f"{world['folder']}/changeable", 0)
    return True


def truncate_a_file_on_opening_it(world):
    return os.open(f"{world['folder']}/changeable", os.O_RDONLY | os.O_TRUNC) > 0


def make_a_nameless_file(world):
    return os.open(world["folder"], os.O_RDWR | os.O_TMPFILE) > 0


def remove_a_file(world):
    os.unlink(f"{world['folder']}/removable")
    return True


def move_a_file(world):
    os.rename(f"{world['folder']}/changeable", f"{world['folder']}/moved")
    os.rename(f"{world['folder']}/moved", f"{world['folder']}/changeable")
    return True


def make_a_folder(world):
    os.mkdir(f"{world['folder']}/made")
    os.rmdir(f"{world['folder']}/made")
    return True


def make_a_link(world):
    os.symlink("anything", f"{world['folder']}/link")
    os.unlink(f"{world['folder']}/link")
    return True


def make_a_hard_link(world):
    os.link(f"{world['folder']}/changeable", f"{world['folder']}/hard link")
    os.unlink(f"{world['folder']}/hard link")
    return True


def make_a_pipe(world):
    os.mkfifo(f"{world['folder']}/pipe")
    os.unlink(f"{world['folder']}/pipe")
    return True


def make_a_socket_file(world):
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(f"{world['folder']}/bound")
    os.unlink(f"{world['folder']}/bound")
    return True


def change_a_files_mode(world):
    os.chmod(f"{world['folder']}/changeable", 0o777)
    return True


def change_a_files_time(world):
    os.utime(f"{world['folder']}/changeable", (0, 0))
    return True


def change_a_files_owner(world):
    os.chown(f"{world['folder']}/changeable", -1, -1)
    return True


def lock_a_file(world):
    import fcntl

    with open(f"{world['folder']}/changeable") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def change_a_library(world):
    return os.open(np.__file__, os.O_WRONLY) > 0


def change_the_open_modules(world):
    return os.open(sys.modules["adamedu"].surfaces.__file__, os.O_WRONLY) > 0


# The kernel.


def make_a_file_in_memory(world):
    return syscall(319, 279, b"x", 0) > 0


def share_memory(world):
    return syscall(29, 194, 0, 4096, 0o600) >= 0


def make_a_message_queue(world):
    return syscall(68, 186, 0, 0o600) >= 0


def set_up_io_uring(world):
    return fails_only_for_its_arguments(425, 425, 1, None)


def load_a_filter_into_the_kernel(world):
    return fails_only_for_its_arguments(321, 280, 99, None, 0)


def handle_page_faults(world):
    return fails_only_for_its_arguments(323, 282, 0xFF)


def ask_for_keys(world):
    return fails_only_for_its_arguments(250, 219, 0, -4, 1)


def become_root_of_a_new_world(world):
    return fails_only_for_its_arguments(272, 97, 0x10000001)


def mount_something(world):
    return fails_only_for_its_arguments(165, 40, b"x", b"/no/such/place", b"tmpfs", 0, None)


def make_a_32_bit_call(world):
    """On x86, int 0x80 counts system calls differently: 20 is getpid there."""
    import mmap

    machine_code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(machine_code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid()
