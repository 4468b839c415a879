"""Certificates as a company's own CA gives them, made with `openssl`, which most machines with Python's `ssl` have."""

import subprocess
from pathlib import Path
from typing import NamedTuple

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_DAYS = ("-days", "2")


class Pair(NamedTuple):
    """A certificate with its chain, and its key; both PEM."""

    certfile: Path
    keyfile: Path

    def replace(self, other: "Pair") -> None:
        """Make these files hold another pair, one after the other, as a careless tool would."""
        for mine, theirs in zip(self, other, strict=True):
            mine.write_bytes(theirs.read_bytes())


class Authority:
    """`ca` is the PEM file to trust its certificates by."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.ca = directory / "ca.pem"
        self._key = directory / "ca.key"
        _openssl("req", "-x509", *_KEY, *_DAYS, "-subj", "/CN=test CA", "-keyout", str(self._key), "-out", str(self.ca))

    def issue(self, name: str, file: str = "") -> Pair:
        """Signed for this common name, and for 127.0.0.1. The files are called `file`, or else like the name."""
        pair = Pair(self._directory / f"{file or name}.pem", self._directory / f"{file or name}.key")
        request, extensions = pair.certfile.with_suffix(".csr"), pair.certfile.with_suffix(".ext")
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", str(pair.keyfile), "-out", str(request))
        signing = ("-CA", str(self.ca), "-CAkey", str(self._key), "-CAcreateserial", "-extfile", str(extensions))
        _openssl("x509", "-req", "-in", str(request), *signing, *_DAYS, "-out", str(pair.certfile))
        pair.certfile.write_bytes(pair.certfile.read_bytes() + self.ca.read_bytes())
        return pair


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
