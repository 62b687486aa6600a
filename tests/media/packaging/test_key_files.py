"""The files in which FFmpeg is told the key."""

import tempfile
from pathlib import Path

import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.packaging.key_files import key_info_file
from tests.media.packaged import KEY, PROTECTION


def test_the_key_lies_in_files_of_its_owner_alone_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail_in_the_middle() -> None:
        with key_info_file(PROTECTION) as info:
            assert info is not None
            uri, key, iv = info.read_text().splitlines()
            assert (uri, Path(key).read_bytes(), iv) == (PROTECTION.key_uri, KEY.key, KEY.iv.hex())
            assert info.stat().st_mode & 0o777 == Path(key).stat().st_mode & 0o777 == 0o600
            assert info.parent.stat().st_mode & 0o777 == 0o700
            raise EncoderFailed("in the middle")

    with pytest.raises(EncoderFailed, match="in the middle"):
        fail_in_the_middle()
    assert list(tmp_path.iterdir()) == []
