"""What commands on plans have in common: how a city is read, which plan is meant, who acts.

The options of a city stand once, in `city_inputs`; `reads_city` gives them to a command, which
gets what they say as one value.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from civicsight.cli.inputs import Inputs, Registers, read_inputs
from civicsight.cli.obstructing import CamerasOption
from civicsight.cli.options import (
    CamerasArgument,
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
    EncodingOption,
    EntrancesOption,
    KeepOption,
    LayerOption,
    MappingOption,
    NameOption,
    NightOption,
    NorthOption,
    RegisterOption,
    RulesOption,
    SourceCrsOption,
    as_crs,
    as_declared,
)
from civicsight.errors import N_, MismatchError

if TYPE_CHECKING:
    from civicsight.cli.session import Session
    from civicsight.coverage.check import CheckResult
    from civicsight.planning.plan import Plan
    from civicsight.store import Actor, Store

Reading = tuple[Inputs, "list[Path] | None", bool]
"""Where a city is, which packs judge it, and whether by night."""

READING: Final = "reading"

StoreArgument = Annotated[
    Path, typer.Argument(help=str(N_("The project file that holds the plans (.gpkg).")))
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help=str(N_("Project file that keeps the plan as a new version."))),
]
PlanArgument = Annotated[str, typer.Argument(help=str(N_("The id of the plan.")))]
PlanOption = Annotated[
    str, typer.Option("--plan", help=str(N_("The id of the plan in the project file.")))
]
ActorOption = Annotated[
    str, typer.Option("--as", help=str(N_("Name of the person who acts; the audit keeps it.")))
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role",
        help=str(
            N_(
                "Role of the person: planner, district_planner, analyst, reviewer, "
                "municipal_approver, admin or auditor; by default the one that the act takes."
            )
        ),
    ),
]
PlansArgument = Annotated[
    Path, typer.Argument(help=str(N_("Folder of a plan, or the project file that holds it.")))
]


WhichOption = Annotated[
    str | None, typer.Option("--plan", help=str(N_("The id of the plan in the project file.")))
]
VersionOption = Annotated[
    int | None, typer.Option("--version", help=str(N_("Its version; by default the latest.")))
]
ReaderOption = Annotated[
    str, typer.Option("--as", help=str(N_("Name of the person who acts; the audit keeps it.")))
]
READER = "reader"


CityOption = Annotated[
    Path | None,
    typer.Option("--city", help=str(N_("The city that the plan was made for, as it is now."))),
]


def city_inputs(
    city: CityArgument,
    cameras: CamerasArgument = None,
    *,
    rules: RulesOption = None,
    register: RegisterOption = None,
    entrances: EntrancesOption = None,
    dem: DemOption = None,
    name: NameOption = None,
    crs: CrsOption = None,
    datum: DatumOption = None,
    source_crs: SourceCrsOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    mapping: MappingOption = None,
    night: NightOption = False,
    keep_good: KeepOption = False,
) -> Reading:
    """Return what the options of a city say."""
    declared = as_declared(datum, source_crs, encoding, layer, north, mapping)
    registers = Registers(register, entrances)
    inputs = Inputs(city, cameras, registers, dem, name, as_crs(crs), declared, keep_good=keep_good)
    return inputs, rules, night


def may_read_city(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a city as options all; `READING` is None without ``--city``."""
    return reads_city(command, optional=True)


def reads_city(command: Callable[..., None], *, optional: bool = False) -> Callable[..., None]:
    """Give a command the options of a city; it takes what they say as `READING`."""
    shared = inspect.signature(city_inputs).parameters
    own = inspect.signature(command).parameters
    hints = get_type_hints(city_inputs, include_extras=True) | get_type_hints(
        command, globalns=_names(command), include_extras=True
    )
    if optional:
        hints |= {"city": CityOption, "cameras": CamerasOption}

    def run(**given: Any) -> None:
        said = {name: given.pop(name) for name in shared}
        left_out = optional and said["city"] is None
        command(**given, **{READING: None if left_out else city_inputs(**said)})

    joined = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in [*own.items(), *shared.items()]
        if name != READING
    ]
    if optional:
        joined = [each.replace(default=None) if each.name == "city" else each for each in joined]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    joined.sort(key=lambda each: each.default is not inspect.Parameter.empty)
    run.__signature__ = inspect.Signature(joined)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in joined}
    return run


def _names(command: Callable[..., None]) -> dict[str, Any]:
    """Return the names of a command's module, and those that only a type checker needs."""
    return command.__globals__ | {READING: Reading, "Reading": Any}


def run_check(session: Session, reading: Reading) -> CheckResult:
    """Read a city and check it, with both steps shown."""
    from civicsight.coverage.check import check
    from civicsight.rules import load_packs

    inputs, rules, night = reading
    packs = load_packs(user=rules or ())
    place, cameras, _ = read_inputs(session, inputs)
    with session.step(N_("Computing what the cameras see")) as tick:
        return check(place, cameras, rules=packs, raster=False, night=night, progress=tick)


def actor_of(name: str, role: str | None, usual: str) -> Actor:
    """Return who acts, in the usual role for the act where none is given.

    Raises
    ------
    typer.BadParameter
        If there is no such role.
    """
    from civicsight.store import Actor, Role

    try:
        return Actor(name, Role(role or usual))
    except ValueError:
        raise typer.BadParameter(", ".join(Role), param_hint="--role") from None


def read_plan(place: Path, plan_id: str | None, version: int | None, reader: str) -> Plan:
    """Read a plan from its folder, or from a project file; errors as `read_version`."""
    return read_version(place, plan_id, version, reader)[0]


def read_version(
    place: Path, plan_id: str | None, version: int | None, reader: str
) -> tuple[Plan, str]:
    """Read a plan with the digest that binds it, from its folder or from a project file.

    Raises
    ------
    MismatchError
        If a project file is named without the id of a plan in it.
    InputError
        If it is damaged or not there.
    """
    from civicsight.planning.documents import PLAN_FILE, from_documents, from_record
    from civicsight.store import Actor, Role, open_store

    if place.is_dir():
        files = _files_in(place)
        return from_documents(files), hashlib.sha256(files[PLAN_FILE]).hexdigest()
    if plan_id is None:
        raise MismatchError(
            N_("%(file)s holds several plans: name one with --plan", file=place.name)
        )
    with open_store(place) as store:
        found = store.read_version(Actor(reader, Role.ANALYST), plan_id, version)
    return from_record(found.documents), found.digest


def _files_in(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".json", ".npy", ".parquet")
    }


def keep_plan(store: Store, actor: Actor, plan_id: str, plan: Plan, name: str) -> tuple[int, str]:
    """Commit a plan as a new version, beginning it where it is not there; return what it became."""
    from civicsight.planning.documents import to_record

    known = {each.plan_id: each for each in store.list_plans(actor)}
    head = known.get(plan_id) or store.new_plan(actor, plan_id, name=name)
    kept = store.commit_version(
        actor,
        plan_id,
        base_rev=head.rev,
        layers={"measures": plan.measures, "plan_cameras": plan.cameras},
        documents=to_record(plan),
        inputs=plan.inputs,
    )
    return kept.version, kept.digest
