"""A few kilobytes that unpack to gigabytes."""

import zlib

small = zlib.compressobj()
packed = b"".join(small.compress(bytes(10_000_000)) for _ in range(5)) + small.flush()


def adam_step(*given, **rates):
    return [zlib.decompress(packed) for _ in range(100)]
