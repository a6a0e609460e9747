"""What can be done once at set-up, so that no later run waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from civicsight.cli.options import JsonOption
from civicsight.core.errors import N_, SetupError

if TYPE_CHECKING:
    from civicsight.cli.session import Session

COMPILING: Final = N_("Compiling kernels")
NOWHERE: Final = N_(
    "the cache folder cannot be written to, so that every run compiles its own kernels; set "
    "CIVICSIGHT_CACHE_DIR to a folder of yours"
)


def prepare(ctx: typer.Context, *, json_: JsonOption = False) -> None:
    """Compile every kernel."""
    from civicsight.coverage._kernels import compile as compiling
    from civicsight.coverage._kernels.ahead import compile_all

    if compiling.FOLDER is None:
        raise SetupError(NOWHERE)
    session: Session = ctx.obj
    with session.step(COMPILING) as tick:
        count = compile_all(tick)
    if json_:
        session.show_json({"kernels": count})
        return
    session.print(N_("%(count)s kernels are compiled; no run waits for one.", count=count))
