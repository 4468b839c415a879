"""Numbers of message format 2 (zigzag, 7 bits a byte), and bytes with their length before them."""


cdef const char* _varint(const char* at, const char* end, int64_t* value) except NULL:
    """Read a zigzag number; return the place behind it."""
    cdef uint64_t raw = 0
    cdef int shift = 0
    cdef unsigned char byte
    while True:
        if at >= end:
            raise CorruptRecordException("a record ends within a number")
        byte = <unsigned char>at[0]
        at += 1
        raw |= <uint64_t>(byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise CorruptRecordException("a number of more than 64 bits")
    value[0] = <int64_t>(raw >> 1) ^ -<int64_t>(raw & 1)
    return at


cdef inline Py_ssize_t _varint_size(int64_t value):
    cdef uint64_t raw = (<uint64_t>value << 1) ^ <uint64_t>(value >> 63)
    cdef Py_ssize_t size = 1
    while raw >= 0x80:
        raw >>= 7
        size += 1
    return size


cdef inline char* _put_varint(char* at, int64_t value):
    cdef uint64_t raw = (<uint64_t>value << 1) ^ <uint64_t>(value >> 63)
    while raw >= 0x80:
        at[0] = <char>(raw & 0x7F | 0x80)
        raw >>= 7
        at += 1
    at[0] = <char>raw
    return at + 1


cdef inline Py_ssize_t _size_of(bytes data):
    if data is None:
        return 1
    return _varint_size(PyBytes_GET_SIZE(data)) + PyBytes_GET_SIZE(data)


cdef inline char* _put(char* at, bytes data):
    cdef Py_ssize_t size
    if data is None:
        return _put_varint(at, -1)
    size = PyBytes_GET_SIZE(data)
    at = _put_varint(at, size)
    memcpy(at, PyBytes_AS_STRING(data), size)
    return at + size
