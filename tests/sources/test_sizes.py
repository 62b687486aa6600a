from nightreel.night import SourceRow
from nightreel.settings import Settings
from nightreel.sources.sizes import with_sizes
from nightreel.storage.bucket import Bucket


def row(number: int, url: str | None, size: int | None = None) -> SourceRow:
    return SourceRow(
        content_type="movie", content_id=str(number), name="A film", video_url=url, source_bytes=size
    )


def test_sizes_come_from_the_catalog_or_else_from_the_origin(
    bucket: Bucket, bucket_settings: Settings
) -> None:
    for number in (1, 2):
        bucket.put_bytes(f"films/{number}.mp4", b"x" * number, "video/mp4", "no-store")
    rows = [
        row(1, "films/1.mp4"),
        row(2, f"s3://{bucket.name}/films/2.mp4"),
        row(3, "films/1.mp4", 300),
        row(4, "films/missing.mp4"),
        row(5, "https://not-allowed.example/film.mp4"),
        row(6, None),
    ]
    sized = with_sizes(rows, bucket, bucket_settings)
    assert [each.source_bytes for each in sized] == [1, 2, 300, None, None, None]
    assert [each.content_id for each in sized] == [each.content_id for each in rows]
