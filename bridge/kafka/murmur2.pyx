# cython: language_level=3
"""MurmurHash2 as in `partitioner.py`, compiled where there is a C compiler."""

from libc.stdint cimport uint32_t


def murmur2(bytes key not None):
    """The hash of one key."""
    cdef const unsigned char* data = key
    cdef Py_ssize_t length = len(key), place = 0
    cdef uint32_t mixed = <uint32_t>0x9747B28C ^ <uint32_t>length
    cdef uint32_t word
    while length - place >= 4:
        word = (data[place] | <uint32_t>data[place + 1] << 8 | <uint32_t>data[place + 2] << 16
                | <uint32_t>data[place + 3] << 24)
        word *= <uint32_t>0x5BD1E995
        word ^= word >> 24
        mixed = mixed * <uint32_t>0x5BD1E995 ^ word * <uint32_t>0x5BD1E995
        place += 4
    if place < length:
        word = 0
        while length > place:
            length -= 1
            word = word << 8 | data[length]
        mixed = (mixed ^ word) * <uint32_t>0x5BD1E995
    mixed = (mixed ^ mixed >> 13) * <uint32_t>0x5BD1E995
    return mixed ^ mixed >> 15
