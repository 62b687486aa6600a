"""The rows and files of one seed, as the user's own application writes them."""

import threading
from dataclasses import dataclass

from tests.faults.material import HOSTILE_NAME, Films
from tests.faults.plan import Poison
from tests.faults.stack import Ground

FOREIGN_PREFIX = "backups/"
"""Another application's, in the same bucket."""

_TITLES_OF_A_SEED = 10
_GOOD, _SIGNED, _POISONED = 1, 2, 9
_SIGNATURE_SECONDS = 4 * 3600


@dataclass(frozen=True)
class Source:
    """What a row names at the moment: a film is known by its length in seconds."""

    key: str
    seconds: int


class Library:
    """Which titles there are, and which film each should be in the end. Faults change it too."""

    def __init__(self, ground: Ground, films: Films, number: int) -> None:
        """`number` tells it from other libraries of the same stack."""
        first = number * _TITLES_OF_A_SEED
        self.good = (first + _GOOD, first + _SIGNED)
        """The ids of the rows whose files can be converted, whatever the seed."""
        self.poisoned = first + _POISONED
        """The id of the row that each night meets and that must stop no other."""
        self.foreign_upload = f"{FOREIGN_PREFIX}{number}/unfinished.tar"
        self._foreign_key = f"{FOREIGN_PREFIX}{number}/other.tar"
        self._signed_title = first + _SIGNED
        self._ground = ground
        self._films = films
        self._lock = threading.Lock()
        self._sources: dict[int, Source] = {}
        self._deleted: set[int] = set()
        self.signatures: set[str] = set()
        self.stored: dict[str, str] = {}
        """The ETag of every object that Nightreel must leave alone."""

    @property
    def titles(self) -> tuple[int, ...]:
        return (*self.good, self.poisoned)

    @property
    def wanted(self) -> dict[int, int]:
        """The length in seconds of the film that each title must end as."""
        with self._lock:
            return {title: source.seconds for title, source in self._sources.items()}

    @property
    def deleted(self) -> frozenset[int]:
        with self._lock:
            return frozenset(self._deleted)

    def fill(self, poison: Poison) -> None:
        """The rows before the first night, and what belongs to others."""
        s3, bucket = self._ground.s3, self._ground.addresses.bucket
        self._upload(self._foreign_key, b"somebody else's")
        s3.create_multipart_upload(Bucket=bucket, Key=self.foreign_upload)
        for title in self.good:
            url = self._put(title, 1)
            self._insert(title, f"Film {title}", url)
        self._insert(self.poisoned, HOSTILE_NAME, self._poisoned(poison))
        if poison == "hostile name":
            with self._lock:
                self._sources[self.poisoned] = Source(f"sources/{self.poisoned}-1.mp4", 1)

    def replace(self, title: int, longer: int = 1) -> int | None:
        """Another film under a new address, so many seconds longer; None where the row is gone."""
        with self._lock:
            source = self._sources.get(title)
        if source is None:
            return None
        url = self._put(title, source.seconds + longer)
        self._ground.rows("UPDATE movies SET video_url = %s WHERE id = %s", url, title)
        return source.seconds + longer

    def delete(self, title: int) -> None:
        with self._lock:
            self._sources.pop(title, None)
            self._deleted.add(title)
        self._ground.rows("DELETE FROM movies WHERE id = %s", title)

    def retire(self) -> None:
        """Takes the title away that no night can convert, for it not to be taken by later seeds' nights."""
        if self.poisoned not in self.wanted:
            self._ground.rows("DELETE FROM movies WHERE id = %s", self.poisoned)

    def _insert(self, title: int, name: str, url: str) -> None:
        self._ground.rows("INSERT INTO movies (id, title, video_url) VALUES (%s, %s, %s)", title, name, url)

    def _put(self, title: int, seconds: int) -> str:
        """Stores a film; returns what the row says of it."""
        key = f"sources/{title}-{seconds}.mp4"
        self._upload(key, self._films.of(seconds).read_bytes())
        with self._lock:
            self._sources[title] = Source(key, seconds)
        return self._signed(key) if title == self._signed_title else key

    def _signed(self, key: str) -> str:
        where = {"Bucket": self._ground.addresses.bucket, "Key": key}
        url = self._ground.s3.generate_presigned_url("get_object", Params=where, ExpiresIn=_SIGNATURE_SECONDS)
        with self._lock:
            self.signatures.add(url.partition("Signature=")[2].partition("&")[0])
        return url

    def _upload(self, key: str, content: bytes) -> None:
        answer = self._ground.s3.put_object(Bucket=self._ground.addresses.bucket, Key=key, Body=content)
        with self._lock:
            self.stored[key] = answer["ETag"].strip('"')

    def _poisoned(self, poison: Poison) -> str:
        key = f"sources/{self.poisoned}-1.mp4"
        if poison == "cut short":
            self._upload(key, self._films.cut_short().read_bytes())
        elif poison == "no video":
            self._upload(key, self._films.no_video().read_bytes())
        elif poison == "hostile name":
            self._upload(key, self._films.of(1).read_bytes())
        elif poison == "refused address":
            return "http://169.254.169.254/latest/film.mp4"
        return key
