"""Faults of how the app is started and filled in: by code, what was expected and how to mend it."""

from __future__ import annotations

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

declare(
    {
        "app.address": (
            "127.0.0.1 as long as nobody has to sign in",
            (
                "Add accounts with 'civicsight app-user add NAME --role planner', or set up an "
                "identity provider under [auth] in .streamlit/secrets.toml."
            ),
        ),
        "app.base": (
            "a path of letters, digits, points, hyphens and underscores, as /civicsight",
            "Name the path that the reverse proxy hands on, without any address before it.",
        ),
        "app.frame": (
            "origins with a blank between them, as https://portal.example",
            "Name scheme, host and port without a path, or leave the setting empty.",
        ),
        "app.host": ("the names by which browsers reach the app", "Name each with --host."),
        "app.token": (
            "a token of at least %(least)s characters",
            "Choose a longer one, or none: the app then makes its own.",
        ),
        "review.missing": ("the fields that are required", "Fill in: %(names)s"),
        "review.other": (
            "the version that was chosen: %(number)s",
            "Choose the version that the paper shows, or another file.",
        ),
    }
)
