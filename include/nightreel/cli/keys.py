"""`rotate-keys`: the content keys, stored under another secret."""

import typer

from nightreel.cli.deployment import current


def rotate_keys() -> None:
    """Store all content keys under the first secret of NIGHTREEL_KEY_SECRET.

    Put the new secret first and keep the old one after a comma, everywhere; run this; then take
    the old one out. Players notice nothing: the content keys themselves stay as they are.

      nightreel rotate-keys
    """
    count = current().catalog().content_keys.rotate()
    typer.echo(f"{count} content keys are stored under the first secret; the others are no longer needed")
