"""When a changed URL means a changed source: not if only its signature or its expiry differs.

Links to the same object are signed again each day.
"""

from psycopg2 import sql
from psycopg2.sql import Composable

_SIGNING = (
    # AWS (Signature Version 4 and 2), Google Cloud Storage, Alibaba OSS
    r"x-(amz|goog|oss)-[a-z-]+|awsaccesskeyid|googleaccessid|ossaccesskeyid"
    # CloudFront; what the three above share with it
    r"|signature|expires|policy|key-pair-id|hash-algorithm|security-token"
    # Akamai, Cloudflare, Bunny, nginx, Fastly
    r"|hdnts|hdnea|hdntl|__token__|token|verify|sig|exp|expiry|md5|hmac"
)
_AZURE = r"s[eprtv]|ss|srt|spr|si|sip|sk[estv]|skoid|sktid|sdd|ses"
"""Parameters of a shared access signature. They are so short that they only count beside a `sig`."""

_UNSIGNED = r"""
    regexp_replace(regexp_replace(regexp_replace({url}, {signing}, '\1', 'gi'),
                                  '([?&])[?&]+', '\1', 'g'), '[?&]+(#|$)', '\1')
    """
_IS_OTHER = """
    CASE WHEN {claimed} IS NOT DISTINCT FROM {url} THEN FALSE
         WHEN c.state = 'quarantined' OR {claimed} IS NULL OR {url} IS NULL THEN TRUE
         WHEN {claimed} !~* '^https?://' OR {url} !~* '^https?://' THEN TRUE
         ELSE {unsigned_claimed} <> {unsigned_url}
    END
"""
# A source may have been refused because of its link, so a new link is tried.


def is_other_source(claimed: Composable, url: Composable) -> Composable:
    """SQL: whether the second URL names another source than the first, for which the title was claimed."""
    return sql.SQL(_IS_OTHER).format(
        claimed=claimed, url=url, unsigned_claimed=_unsigned(claimed), unsigned_url=_unsigned(url)
    )


def _unsigned(url: Composable) -> Composable:
    """The URL without the query parameters that sign it or let it expire."""
    plain, azure = (_parameters(names) for names in (_SIGNING, f"{_SIGNING}|{_AZURE}"))
    signing = sql.SQL("CASE WHEN {url} ~* '[?&]sig=' THEN {azure} ELSE {plain} END").format(
        url=url, azure=azure, plain=plain
    )
    return sql.SQL(_UNSIGNED).format(url=url, signing=signing)


def _parameters(names: str) -> Composable:
    return sql.Literal(f"([?&])({names})=[^&#]*")
