"""Why a service does not answer over HTTP, in words. The client's own messages quote its internals."""

import os
import ssl

from aiohttp import ClientConnectorError, ClientSSLError


def no_answer_in_words(error: Exception) -> str:
    """A part of a sentence, without a remedy."""
    if isinstance(error, ClientSSLError):
        return _of_tls(error.os_error)  # before errno: OpenSSL's 1 would be "Operation not permitted"
    if isinstance(error, ClientConnectorError):
        number = error.errno or 0  # below 0, and no errno of the system, if the name is unknown
        return os.strerror(number) if number > 0 else error.strerror or "no connection"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error) or "the connection was closed"


def _of_tls(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted, {error.verify_message.rstrip('.')}"
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return f"no TLS is agreed on, {(reason or str(error)).replace('_', ' ').lower()}"
