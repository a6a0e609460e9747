"""The key by which this installation signs, and the keys that it trusts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.options import JsonOption
from civicsight.cli.show import show_files, show_table
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session

NameArgument = Annotated[str, typer.Argument(help=str(N_("The name of a trusted key.")))]


def show(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help=str(N_("File for the public key, such as office.pub."))),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Show the public half of the own key."""
    from civicsight.core.atomic import written_whole
    from civicsight.store.keys import own_key

    session: Session = ctx.obj
    key = own_key()
    if out is not None:
        with written_whole(out) as scratch:
            scratch.write_text(f"{key.line}\n", encoding="utf-8")
    if json_:
        files = None if out is None else [out]
        session.show_json({"key": key.line, "fingerprint": key.fingerprint}, files)
        return
    for text in (key.line, session.translate(N_("Fingerprint: %(print)s", print=key.fingerprint))):
        session.out.print(text, markup=False, highlight=False, soft_wrap=True)
    if out is not None:
        show_files(session, [out])


def list_keys(ctx: typer.Context, *, json_: JsonOption = False) -> None:
    """List the trusted keys."""
    from civicsight.store.keys import trusted_keys

    session: Session = ctx.obj
    known = {name: key.fingerprint for name, key in trusted_keys().items()}
    if json_:
        listed = [{"name": name, "fingerprint": told} for name, told in known.items()]
        session.show_json({"trusted": listed})
    elif known:
        show_table(session, (N_("Name"), N_("Fingerprint")), list(known.items()))
    else:
        session.print(N_("No key is trusted here: a package is proved by the root of its sheet."))


def trust_key(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help=str(N_("The public key that the other side exported.")))
    ],
    *,
    name: Annotated[str, typer.Option("--name", help=str(N_("Whose key it is, one word.")))],
    json_: JsonOption = False,
) -> None:
    """Trust a key."""
    from civicsight.store.keys import trust

    session: Session = ctx.obj
    key = trust(name, file)
    if json_:
        session.show_json({"name": name, "fingerprint": key.fingerprint})
        return
    text = N_(
        "%(name)s is trusted: %(print)s. Compare this fingerprint with the other side by telephone "
        "or on paper.",
        name=name,
        print=key.fingerprint,
    )
    session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


def forget_key(ctx: typer.Context, name: NameArgument, *, json_: JsonOption = False) -> None:
    """Trust a key no longer."""
    from civicsight.store.keys import forget

    session: Session = ctx.obj
    forget(name)
    if json_:
        session.show_json({"forgotten": name})
    else:
        session.print(N_("%(name)s is no longer trusted.", name=name))


def check(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help=str(N_("The bundle, with its signature (.sig) beside it.")))
    ],
    *,
    json_: JsonOption = False,
) -> None:
    """Check who signed a bundle."""
    from civicsight.io.vectors.files import require_file
    from civicsight.store.keys import BUNDLE, require_signed

    session: Session = ctx.obj
    name, key = require_signed(require_file(file), BUNDLE)
    if json_:
        session.show_json({"file": str(file), "signer": name, "fingerprint": key.fingerprint})
        return
    text = N_(
        "%(file)s is as %(name)s signed it (%(print)s).",
        file=file.name,
        name=name or session.translate(N_("this installation")),
        print=key.fingerprint,
    )
    session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)
