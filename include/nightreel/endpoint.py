"""The address of an S3 service, and the buckets that a public URL on its host may show."""

from urllib.parse import urlsplit


def endpoint_of(url: str, account_id: str) -> str:
    """The S3 endpoint: the URL if there is one, else that of R2's account; empty without either."""
    if url:
        return url
    return f"https://{account_id}.r2.cloudflarestorage.com" if account_id else ""


def buckets_at(public_url: str, endpoint_url: str) -> set[str]:
    """The buckets that a URL on the endpoint's host may show, by its path or by its host name."""
    public, host = urlsplit(public_url), urlsplit(public_url).hostname or ""
    endpoint_host = urlsplit(endpoint_url).hostname
    if not endpoint_host:
        return set()
    if host == endpoint_host:
        return {public.path.strip("/").partition("/")[0]} - {""}
    return {host.removesuffix(f".{endpoint_host}")} if host.endswith(f".{endpoint_host}") else set()
