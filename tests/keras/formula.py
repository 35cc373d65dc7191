"""Numbers from an integer formula that Rust reproduces to the bit (`formula.rs`).

Nothing here is random: a tensor is known from its key (a short text), its shape and its range, so the answers
need not carry inputs and weights.
"""

import numpy as np

STEP = np.uint32(2654435761)  # 2^32 / golden ratio, as Knuth hashes
STRIDE = np.uint32(
    2654445111
)  # 40503 * 65537; sets the sequences of neighbouring keys apart
MIX = np.uint32(0x45D9F3B)


def key_number(key):
    """FNV-1a of the key's bytes, in 32 bits."""
    number = 0x811C9DC5
    for byte in key.encode():
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    return number


def integers(key, count):
    """The first `count` numbers of the sequence `key`, each in 0..2^32."""
    index = np.arange(1, count + 1, dtype=np.uint64).astype(np.uint32)
    start = np.uint32((key_number(key) + 1) & 0xFFFFFFFF)
    with np.errstate(over="ignore"):
        x = index * STEP + start * STRIDE
        for _ in range(2):
            x ^= x >> np.uint32(16)
            x *= MIX
        x ^= x >> np.uint32(16)
    return x


def uniform(key, shape, low, high):
    """`low + (high - low) * integer / 2^32`, in f64 and then rounded to f32."""
    unit = integers(key, int(np.prod(shape))).astype(np.float64) / 4294967296.0
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


def classes(key, shape, count):
    """Class numbers in 0..count."""
    numbers = integers(key, int(np.prod(shape))) % np.uint32(count)
    return numbers.astype(np.int32).reshape(shape)


def one_hot(key, shape):
    """One-hot rows; the last axis of `shape` is the number of classes."""
    return np.eye(shape[-1], dtype=np.float32)[classes(key, shape[:-1], shape[-1])]
