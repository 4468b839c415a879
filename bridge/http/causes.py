"""Why a connection or a request was refused before anybody handled it: `cause` of `bridge_http_refused_total`."""

from enum import StrEnum


class HttpCause(StrEnum):
    """Each is explained in docs/ingress.md."""

    NO_HTTP = "no_http"
    HEADER_BYTES = "header_bytes"
    HEADER_TIMEOUT = "header_timeout"
    NO_REQUEST = "no_request"
    CHUNKS = "chunks"
    HELD_BYTES = "held_bytes"
    WRITE_TIMEOUT = "write_timeout"
    CONNECTIONS = "connections"
    PEER_CONNECTIONS = "peer_connections"
    MADE_ROOM = "made_room"
