# cython: language_level=3, boundscheck=False, wraparound=False
"""Reads and writes records of message format 2 (KIP-82, KIP-98); headers stay as on the wire.

Compiled where there is a C compiler. Elsewhere aiokafka's classes are used: `processors/engine/records/__init__.py`.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcmp, memcpy

from aiokafka.errors import CorruptRecordException

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL


include "wire.pxi"

cdef enum:
    _MOST_NAMES = 16


@cython.final
@cython.no_gc
cdef class Record:
    """A record that was read, with the attributes of aiokafka's `ConsumerRecord` that the bridge uses."""

    cdef readonly str topic
    cdef readonly int partition
    cdef readonly int64_t offset
    cdef readonly object timestamp, timestamp_type, key, value
    cdef bytes _headers

    def __init__(self, str topic, int partition, int64_t offset, timestamp, timestamp_type, bytes key, bytes value,
                 headers):
        self.topic, self.partition, self.offset = topic, partition, offset
        self.timestamp, self.timestamp_type, self.key, self.value = timestamp, timestamp_type, key, value
        self._headers = _encoded(list(headers))

    @property
    def headers(self):
        """Names and values, in their order. Each access makes a new tuple."""
        cdef const char* at = PyBytes_AS_STRING(self._headers)
        cdef const char* end = at + PyBytes_GET_SIZE(self._headers)
        cdef int64_t count, size
        cdef list found = []
        at = _varint(at, end, &count)
        for _ in range(count):
            at = _varint(at, end, &size)
            name = PyUnicode_DecodeUTF8(<char*>at, size, NULL)
            at = _varint(at + size, end, &size)
            if size < 0:
                found.append((name, None))
            else:
                found.append((name, PyBytes_FromStringAndSize(at, size)))
                at += size
        return tuple(found)

    def find(self, tuple names not None):
        """The value of the last header of each name; None: there is no such header, or it has no value.
        At most 16 names, each once. ValueError: there are more."""
        cdef const char* at = PyBytes_AS_STRING(self._headers)
        cdef const char* end = at + PyBytes_GET_SIZE(self._headers)
        cdef const char *name, *wanted[_MOST_NAMES]
        cdef Py_ssize_t lengths[_MOST_NAMES]
        cdef int64_t count, length, size
        cdef Py_ssize_t index, wanted_count = len(names)
        cdef list found = [None] * wanted_count
        if wanted_count > _MOST_NAMES:
            raise ValueError(f"{wanted_count} names at once")
        for index in range(wanted_count):
            wanted[index] = PyUnicode_AsUTF8AndSize(names[index], &lengths[index])
        at = _varint(at, end, &count)
        for _ in range(count):
            at = _varint(at, end, &length)
            name = at
            at = _varint(at + length, end, &size)
            for index in range(wanted_count):
                if lengths[index] == length and memcmp(name, wanted[index], length) == 0:
                    found[index] = None if size < 0 else PyBytes_FromStringAndSize(at, size)
                    break
            if size > 0:
                at += size
        return tuple(found)


cdef object _bytes(const char** at, const char* end):
    """Read a key or a value; None: the record has none."""
    cdef int64_t size
    at[0] = _varint(at[0], end, &size)
    if size < 0:
        return None
    _require(at[0], end, size)
    found = PyBytes_FromStringAndSize(at[0], size)
    at[0] += size
    return found


cdef int _require(const char* at, const char* end, int64_t size) except -1:
    if size > end - at:
        raise CorruptRecordException(f"{size} bytes are told, and {end - at} are there")
    return 0


cdef const char* _checked_headers(const char* at, const char* end) except NULL:
    """Check the headers; return the place behind them. `Record.headers` and `Record.find` rely on this."""
    cdef int64_t count, size
    cdef Py_ssize_t index
    cdef unsigned char bits
    at = _varint(at, end, &count)
    if count < 0:
        raise CorruptRecordException(f"{count} headers")
    while count > 0:
        at = _varint(at, end, &size)
        if size < 0:
            raise CorruptRecordException(f"a header whose name has {size} bytes")
        _require(at, end, size)
        bits = 0
        for index in range(size):
            bits |= <unsigned char>at[index]
        if bits >= 0x80:
            PyUnicode_DecodeUTF8(<char*>at, size, NULL)  # UnicodeDecodeError as in aiokafka: the record goes no further
        at = _varint(at + size, end, &size)
        if size > 0:
            _require(at, end, size)
            at += size
        count -= 1
    return at


cdef class Reader:
    """Reads the records of one batch, whose data is not compressed.

    `base_offset` and `first_timestamp` are the batch header's. `append_timestamp` is its maximum timestamp if the
    broker set the time, else None.
    """

    cdef str _topic
    cdef int _partition
    cdef int64_t _base_offset, _first_timestamp
    cdef object _append_timestamp
    cdef const unsigned char[::1] _data
    cdef Py_ssize_t _at
    cdef int64_t _left

    def __init__(self, str topic, int partition, int64_t base_offset, int64_t first_timestamp, append_timestamp,
                 const unsigned char[::1] data, int64_t count):
        self._topic, self._partition = topic, partition
        self._base_offset, self._first_timestamp, self._append_timestamp = base_offset, first_timestamp, append_timestamp
        self._data, self._at, self._left = data, 0, count

    def __iter__(self):
        return self

    def __next__(self):
        """CorruptRecordException, UnicodeDecodeError: the next bytes are no record."""
        cdef const char* begin = <const char*>&self._data[0] if self._data.shape[0] else NULL
        cdef const char* end = begin + self._data.shape[0]
        cdef const char* at = begin + self._at
        cdef const char *start, *headers
        cdef int64_t length, delta
        cdef Record record
        if self._left <= 0:
            if at != end:
                raise CorruptRecordException(f"{end - at} bytes behind the last record")
            raise StopIteration
        at = _varint(at, end, &length)
        start = at
        at = _varint(at, end, &delta)  # attributes: none are defined
        record = Record.__new__(Record)
        record.topic, record.partition = self._topic, self._partition
        at = _varint(at, end, &delta)
        if self._append_timestamp is not None:
            record.timestamp, record.timestamp_type = self._append_timestamp, 1
        else:
            record.timestamp, record.timestamp_type = self._first_timestamp + delta, 0
        at = _varint(at, end, &delta)
        record.offset = self._base_offset + delta
        record.key = _bytes(&at, end)
        record.value = _bytes(&at, end)
        headers = at
        at = _checked_headers(at, end)
        if at - start != length:
            raise CorruptRecordException(f"a record of {at - start} bytes says that it has {length}")
        record._headers = PyBytes_FromStringAndSize(headers, at - headers)
        self._at = at - begin
        self._left -= 1
        return record


cdef Py_ssize_t _size_of_headers(list headers) except -1:
    """The headers' size in bytes, without their count."""
    cdef Py_ssize_t size = 0, length
    cdef tuple header
    cdef bytes value
    for header in headers:
        _, value = header
        PyUnicode_AsUTF8AndSize(header[0], &length)
        size += _varint_size(length) + length + _size_of(value)
    return size


cdef char* _put_headers(char* at, list headers) except NULL:
    cdef Py_ssize_t length
    cdef const char* name
    cdef tuple header
    cdef bytes value
    for header in headers:
        _, value = header
        name = PyUnicode_AsUTF8AndSize(header[0], &length)
        at = _put_varint(at, length)
        memcpy(at, name, length)
        at = _put(at + length, value)
    return at


cdef bytes _encoded(list headers):
    """The headers as on the wire, count first."""
    cdef Py_ssize_t count = len(headers)
    cdef bytes encoded = PyBytes_FromStringAndSize(NULL, _varint_size(count) + _size_of_headers(headers))
    _put_headers(_put_varint(PyBytes_AS_STRING(encoded), count), headers)
    return encoded


cdef class Writer:
    """Collects the records of one batch. It stays below `max_bytes`, unless its first record is too large."""

    cdef list _parts
    cdef Py_ssize_t _max_bytes
    cdef int64_t _first_timestamp
    cdef bint _is_closed
    cdef readonly Py_ssize_t size
    cdef readonly int64_t count, max_timestamp

    def __init__(self, Py_ssize_t max_bytes, Py_ssize_t size):
        """`size`: the batch header's bytes."""
        self._parts, self._max_bytes, self.size, self.count = [], max_bytes, size, 0

    @property
    def first_timestamp(self):
        """The first record's timestamp; 0: there is no record."""
        return self._first_timestamp

    def add(self, int64_t timestamp, bytes key, bytes value, list headers not None, carried=None):
        """Append a record with the headers of `carried`, if there is one, and `headers` behind them.

        Returns its size in bytes; 0: the batch has no room for it, or is closed.
        """
        if carried is not None and type(carried) is not Record:
            headers, carried = [*carried.headers, *headers], None
        cdef int64_t delta = timestamp - self._first_timestamp if self.count else 0, more = len(headers), count = 0
        cdef const char *block = NULL, *end
        cdef Py_ssize_t block_size = 0, size
        cdef bytes encoded
        if carried is not None:
            encoded = (<Record>carried)._headers
            block = PyBytes_AS_STRING(encoded)
            end = block + PyBytes_GET_SIZE(encoded)
            block = _varint(block, end, &count)
            block_size = end - block
        size = 1 + _varint_size(delta) + _varint_size(self.count) + _size_of(key) + _size_of(value)
        size += _varint_size(count + more) + block_size + _size_of_headers(headers)
        cdef Py_ssize_t whole = _varint_size(size) + size
        if self._is_closed or self.count and self.size + whole >= self._max_bytes:
            self._is_closed = True
            return 0
        encoded = PyBytes_FromStringAndSize(NULL, whole)
        cdef char* at = PyBytes_AS_STRING(encoded)
        at = _put_varint(at, size)
        at[0] = 0  # attributes
        at = _put_varint(at + 1, delta)
        at = _put_varint(at, self.count)
        at = _put(at, key)
        at = _put(at, value)
        at = _put_varint(at, count + more)
        if block_size:
            memcpy(at, block, block_size)
            at += block_size
        _put_headers(at, headers)
        if self.count == 0:
            self._first_timestamp = self.max_timestamp = timestamp
        elif timestamp > self.max_timestamp:
            self.max_timestamp = timestamp
        self._parts.append(encoded)
        self.count += 1
        self.size += whole
        return whole

    def close(self):
        """Take no more records."""
        self._is_closed = True

    def joined(self):
        """All records, as they are on the wire. Call it once: they are not kept."""
        cdef list parts = self._parts
        self._parts = []
        return b"".join(parts)
