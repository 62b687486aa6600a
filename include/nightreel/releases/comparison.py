"""Whether an object in a bucket is the file on disk, judged by the object's metadata.

An ETag is the MD5 of what was sent, unless the bucket encrypts by a key service (SSE-KMS) or makes
ETags of its own. Then a checksum that the bucket keeps decides, or bytes that are read back.
"""

import binascii
import hashlib
import zlib
from base64 import b64decode
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

from nightreel.storage.bucket import PART_BYTES, PIECE_BYTES, Bucket
from nightreel.storage.objects import ObjectInfo
from nightreel.vocabulary.release_manifest import ReleaseFile

_SAMPLE_BYTES = 65_536
"""Read back at the beginning, in the middle and at the end, of an object without a checksum."""


class Comparison:
    """The objects of a listing, by key, against the files that are to be there, by key."""

    def __init__(
        self,
        bucket: Bucket,
        present: Mapping[str, ObjectInfo],
        files: Iterable[tuple[str, ReleaseFile, Path]],
    ) -> None:
        self._bucket = bucket
        self._present = present
        comparable = [
            present[key].etag == etag_of(file, path)
            for key, file, path in files
            if key in present and present[key].size == file.size
        ]
        # One that agrees cannot do so by chance: then the others, too, are digests.
        self._etags_are_digests = not comparable or any(comparable)

    def is_same(self, key: str, file: ReleaseFile, path: Path) -> bool:
        """Raises StorageUnavailable."""
        found = self._present.get(key)
        if found is None or found.size != file.size:
            return False
        if found.etag == etag_of(file, path):
            return True
        if self._etags_are_digests:
            return False
        kept = self._by_checksum(key, file, path)
        return self._by_samples(key, path, file.size) if kept is None else kept

    def _by_checksum(self, key: str, file: ReleaseFile, path: Path) -> bool | None:
        """None where the bucket keeps no checksum of the whole object that can be computed here."""
        kept = self._bucket.checksums(key)
        if (sha256 := _plain(kept.get("ChecksumSHA256"))) is not None:
            return sha256.hex() == file.sha256
        if (crc := _plain(kept.get("ChecksumCRC32"))) is not None:
            return crc == _crc32(path).to_bytes(4)
        return None

    def _by_samples(self, key: str, path: Path, size: int) -> bool:
        starts = {0, max(0, size // 2 - _SAMPLE_BYTES // 2), max(0, size - _SAMPLE_BYTES)}
        with path.open("rb") as stream:
            for start in sorted(starts) if size else ():
                stream.seek(start)
                if stream.read(_SAMPLE_BYTES) != self._read(key, start):
                    return False
        return True

    def _read(self, key: str, start: int) -> bytes:
        with self._bucket.open(key, start) as found:
            # A piece is larger than a sample.
            return b"" if found is None else b"".join(islice(found.pieces, 1))[:_SAMPLE_BYTES]


def etag_of(file: ReleaseFile, path: Path) -> str:
    """The ETag that S3 gives to this file as `Bucket.put_file` sends it.

    The MD5 of the file; for one sent in parts, the MD5 of the parts' MD5s and their number.
    """
    if file.size < PART_BYTES:
        return file.md5
    parts = []
    with path.open("rb") as stream:
        for start in range(0, file.size, PART_BYTES):
            digest = hashlib.md5(usedforsecurity=False)
            for offset in range(start, min(start + PART_BYTES, file.size), PIECE_BYTES):
                digest.update(stream.read(min(PIECE_BYTES, file.size - offset)))
            parts.append(digest.digest())
    return f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"


def _plain(checksum: str | None) -> bytes | None:
    """The bytes of a checksum of the whole; None of one that is made of those of parts (`…-3`)."""
    try:
        return None if checksum is None else b64decode(checksum, validate=True)
    except binascii.Error:
        return None


def _crc32(path: Path) -> int:
    value = 0
    with path.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            value = zlib.crc32(piece, value)
    return value
