"""When a changed URL is a changed source: not if only its signature or its expiry differs.

Links to the same object are re-signed each day.
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
"""Of a shared access signature. Too short to mean it where there is no `sig` beside them."""

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
# What was refused may have been refused for its link, so that a new one is tried.


def is_other_source(claimed: Composable, url: Composable) -> Composable:
    """SQL: whether the second URL names another source than the first, which was claimed."""
    return sql.SQL(_IS_OTHER).format(
        claimed=claimed, url=url, unsigned_claimed=_unsigned(claimed), unsigned_url=_unsigned(url)
    )


def _unsigned(url: Composable) -> Composable:
    """The URL without the parameters of its query that sign it or let it expire."""
    plain, azure = (_parameters(names) for names in (_SIGNING, f"{_SIGNING}|{_AZURE}"))
    signing = sql.SQL("CASE WHEN {url} ~* '[?&]sig=' THEN {azure} ELSE {plain} END").format(
        url=url, azure=azure, plain=plain
    )
    return sql.SQL(_UNSIGNED).format(url=url, signing=signing)


def _parameters(names: str) -> Composable:
    return sql.Literal(f"([?&])({names})=[^&#]*")
