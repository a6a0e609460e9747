"""Files of earlier formats: said what they are, and brought up to date after a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from civicsight.cli.options import JsonOption
from civicsight.cli.plan_inputs import RoleOption, actor_of
from civicsight.core.errors import N_

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.core.errors import Text
    from civicsight.store.migrations import Migration


def migrate(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            help=str(N_("Project, file of plans, folder of a plan, or URL of a database."))
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=str(N_("Say what would be done, and do nothing.")))
    ] = False,
    as_: Annotated[
        str | None,
        typer.Option("--as", help=str(N_("Who does it, for a file of plans; its audit keeps it."))),
    ] = None,
    role: RoleOption = None,
    backed_up: Annotated[
        bool,
        typer.Option(
            "--backed-up", help=str(N_("The database server was backed up with its own tools."))
        ),
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Bring a file up to date."""
    from civicsight.model.format_versions import own_version
    from civicsight.store.migrations import look
    from civicsight.store.migrations import migrate as bring

    session: Session = ctx.obj
    actor = None if as_ is None else actor_of(as_, role, "admin")
    found = look(file) if dry_run else bring(file, actor, backed_up=backed_up)
    if json_:
        session.show_json(
            {
                "format": found.known.name,
                "found": found.found,
                "now": found.known.number,
                "civicsight": own_version(),
                "steps": [session.translate(step.says) for step in found.steps],
                "backup": None if found.backup is None else found.backup.name,
                "done": found.rewrites and not dry_run,
            }
        )
        return
    for text in _lines(found, dry_run=dry_run):
        session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


def _lines(found: Migration, *, dry_run: bool) -> list[Text]:
    """Say what a file is, what leads to today, and what was done."""
    from civicsight.model.format_versions import own_version

    lines = [
        N_(
            "%(kind)s, format %(found)s; civicsight %(own)s writes format %(now)s",
            kind=found.known.label,
            found=found.found,
            own=own_version(),
            now=found.known.number,
        )
    ]
    lines += [
        N_("%(start)s to %(end)s: %(says)s", start=step.start, end=step.start + 1, says=step.says)
        for step in found.steps
    ]
    if not found.steps:
        lines.append(N_("It is up to date; nothing was changed."))
    elif not found.rewrites:
        lines.append(N_("It is brought up to date as it is read; digests bind its bytes."))
    elif dry_run:
        lines.append(N_("Nothing was changed yet; a backup would be made first."))
    else:
        lines.append(N_("Brought up to date."))
    if found.backup is not None:
        lines.append(N_("As it was before: %(file)s", file=found.backup.name))
    return lines
