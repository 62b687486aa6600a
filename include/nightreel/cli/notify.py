"""`notify`: send to the receivers now, or test them."""

from typing import Annotated

import typer

from nightreel.cli.deployment import current
from nightreel.errors import ConfigurationError
from nightreel.notify.deliver import deliver_pending, send_test
from nightreel.notify.receivers import any_receivers
from nightreel.settings import Settings, load_settings


def notify(
    test: Annotated[
        bool, typer.Option("--test", help="Send a test to every receiver and show the answers.")
    ] = False,
) -> None:
    """Send the notifications of the last three days that did not arrive.

    The receivers are those of NIGHTREEL_WEBHOOK_URLS and NIGHTREEL_APPRISE_URLS. Exit 1 when
    one of them did not accept what it was sent.

      nightreel notify --test
    """
    options = load_settings()
    if not any_receivers(options):
        raise ConfigurationError(
            "there is nobody to notify: set NIGHTREEL_WEBHOOK_URLS or NIGHTREEL_APPRISE_URLS"
        )
    if test:
        _try_out(options)
    else:
        _deliver(options)


def _try_out(options: Settings) -> None:

    answers = send_test(options)
    for answer in answers:
        typer.echo(f"{answer.receiver}: {answer.error or 'accepted it'}")
    if any(answer.error for answer in answers):
        raise typer.Exit(1)


def _deliver(options: Settings) -> None:

    done = deliver_pending(current().catalog(), options)
    typer.echo(f"{done.delivered} delivered, {done.given_up} given up")
