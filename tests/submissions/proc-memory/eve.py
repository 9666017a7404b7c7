"""Its own memory through /proc, which can be read and written past all rights."""

import ctypes


def breached():
    text = ctypes.create_string_buffer(b"found")
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        memory.seek(ctypes.addressof(text))
        return memory.read(5) == b"found"


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
