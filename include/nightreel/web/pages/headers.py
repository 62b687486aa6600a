"""What a browser may do with our pages: they load nothing but what this installation serves."""

from urllib.parse import urlsplit

from nightreel.settings import Settings


def page_headers(settings: Settings) -> dict[str, str]:
    """The headers of every page. Pictures and streams may also come from the bucket's public URL."""
    media = f"'self' {_origin(settings.r2_public_url)}".strip()
    policy = {
        "default-src": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
        # The hash of an upload is WebAssembly.
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": f"{media} data: blob:",
        # hls.js shows subtitles by a track from a data URL.
        "media-src": f"{media} blob: data:",
        "connect-src": media,
        "worker-src": "'self' blob:",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
