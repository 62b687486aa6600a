from tests.fixtures_object_store import bucket_settings, object_store

__all__ = ["bucket_settings", "object_store"]
