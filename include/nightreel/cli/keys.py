"""`token` and `rotate-keys`: the content keys of encrypted titles."""

from typing import Annotated

import typer

from nightreel.cli.deployment import current
from nightreel.vocabulary.title import Title
from nightreel.web.keys.tokens import issue


def rotate_keys() -> None:
    """Store all content keys under the first secret of NIGHTREEL_KEY_SECRET.

    Put the new secret first and keep the old one after a comma, everywhere; run this; then take
    the old one out. Players notice nothing: the content keys themselves stay as they are.

      nightreel rotate-keys
    """
    count = current().catalog().content_keys.rotate()
    typer.echo(f"{count} content keys are stored under the first secret; the others are no longer needed")


def token(
    content_type: Annotated[str, typer.Argument(metavar="TYPE", help="movie, episode, …")],
    content_id: Annotated[str, typer.Argument(metavar="ID", help="The title's id in your table.")],
    seconds: Annotated[
        int | None, typer.Option(min=1, help="How long it is valid; default: the longest allowed.")
    ] = None,
) -> None:
    """Print a token that gives players the key of an encrypted title.

    In production the platform's backend issues them, with NIGHTREEL_TOKEN_SECRET (HS256): `aud`
    is the title, such as movie/7; `iat` and `exp` are at most NIGHTREEL_TOKEN_SECONDS apart.

      nightreel token movie 7 --seconds 60
    """
    place = current()
    title = place.catalog().titles.as_stored(Title(content_type, content_id))
    typer.echo(issue(place.settings, title, seconds))
