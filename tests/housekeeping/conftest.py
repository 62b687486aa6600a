from nightreel.catalog import Catalog
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database
from tests.releases.conftest import catalog as catalog
from tests.releases.conftest import database as database
from tests.releases.test_withdrawal import publish_release


def keys(bucket: Bucket) -> set[str]:
    return {item.key for item in bucket.list("")}


def published_twice(
    catalog: Catalog, database: Database, bucket: Bucket, number: int
) -> tuple[Title, str, str]:
    """A movie with a release that was replaced, and the one that is played."""
    title = database.add_movie(number)
    old = publish_release(catalog, bucket, title, "run-1").release
    new = publish_release(catalog, bucket, title, "run-2").release
    assert bucket.head(title_prefix(title) + MASTER)
    return title, old, new
