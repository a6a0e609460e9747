"""What a check reads, and the options that name it: a city, an inventory, registers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from civicsight.cli.effects import require_effect
from civicsight.cli.options import (
    CamerasArgument,
    CamerasOption,
    CityArgument,
    CrsOption,
    DatumOption,
    DemOption,
    EncodingOption,
    EntrancesOption,
    KeepOption,
    LayerOption,
    LocalOption,
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
from civicsight.cli.show import print_notes
from civicsight.core.errors import N_
from civicsight.core.progress import hearing

if TYPE_CHECKING:
    from pyproj import CRS

    from civicsight.cli.session import Session
    from civicsight.io import ImportReport
    from civicsight.io.source_options import Declared
    from civicsight.model import City


@dataclass(frozen=True, slots=True)
class Registers:
    """Registers that go before what the map says."""

    places: Path | None = None
    entrances: Path | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where everything is; `declared` is about the inventory of cameras."""

    city: Path
    cameras: Path | None = None
    registers: Registers = Registers()
    dem: Path | None = None
    name: str | None = None
    crs: CRS | None = None
    declared: Declared | None = None
    keep_good: bool = False


def read_inputs(session: Session, inputs: Inputs) -> tuple[City, Any, list[ImportReport]]:
    """Read a city with its inventory and registers; a register goes before what the map says.

    Returns
    -------
    city, cameras, reports
        The cameras are None where those of the city are meant.
    """
    from civicsight.io import read_cameras, read_entrances, read_places
    from civicsight.io.apart.reading import read_apart
    from civicsight.io.reader_registry import before
    from civicsight.io.source_options import NOTHING, Declared
    from civicsight.scene.nearness import reading_notes

    declared = inputs.declared or NOTHING
    with session.step(N_("Reading the city")) as tick, hearing(tick):
        city, report = read_apart(
            "city",
            inputs.city,
            name=inputs.name,
            crs=inputs.crs,
            dem=inputs.dem,
            keep_good=inputs.keep_good,
        )
        imports = [report]
        keep_good, bare = inputs.keep_good, city
        for source, field, read in (
            (inputs.registers.places, "places", read_places),
            (inputs.registers.entrances, "entrances", read_entrances),
        ):
            if source is not None:
                of_town = Declared(local=declared.local, classes=declared.classes)
                table, more = read(source, near=bare, declared=of_town, keep_good=keep_good)
                rows = {field: before(table, getattr(city, field))}
                city = replace(city, **rows, provenance=(*city.provenance, *more.provenance()))
                imports.append(more)
        cameras = None
        if inputs.cameras is not None:
            cameras, more = read_cameras(
                inputs.cameras, near=bare, declared=declared, keep_good=keep_good
            )
            imports.append(more)
    print_notes(session, reading_notes(city, cameras))
    return city, cameras, imports


DECLARED: Final = ("datum", "source_crs", "encoding", "layer", "north", "mapping")
"""Options that say how rows of an inventory are read; a city is declared when it is imported."""

REGISTERS: Final = ("register", "entrances")
TABLES: Final = ("measured", "proposal")
"""Tables of single commands, read by what is declared as well."""

Reading = tuple[Inputs, "list[Path] | None", bool]
"""Where a city is, which packs judge it, and whether by night."""

READING: Final = "reading"

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
    local: LocalOption = None,
    encoding: EncodingOption = None,
    layer: LayerOption = None,
    north: NorthOption = None,
    mapping: MappingOption = None,
    night: NightOption = False,
    keep_good: KeepOption = False,
) -> Reading:
    """Return what the options of a city say."""
    declared = as_declared(
        datum, source_crs, encoding, layer, north, mapping, local=local, rules=rules
    )
    registers = Registers(register, entrances)
    inputs = Inputs(city, cameras, registers, dem, name, as_crs(crs), declared, keep_good=keep_good)
    return inputs, rules, night


def may_read_city(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a city as options all; `READING` is None without ``--city``."""
    return reads_city(command, optional=True)


def declares(*files: str) -> dict[str, tuple[str, ...]]:
    """Return which parameters give an effect to what is declared of rows, and read no city.

    Parameters
    ----------
    files
        Parameters of the command that name a table of its own, read as the inventory is.
    """
    return dict.fromkeys(DECLARED, ("cameras", *files)) | {"local": ("cameras", *REGISTERS, *files)}


def reads_city(command: Callable[..., None], *, optional: bool = False) -> Callable[..., None]:
    """Give a command the options of a city; it takes what they say as `READING`."""
    shared = inspect.signature(city_inputs).parameters
    own = inspect.signature(command).parameters
    hints = get_type_hints(city_inputs, include_extras=True) | get_type_hints(
        command,
        globalns=command.__globals__ | {READING: Reading, "Reading": Any},
        include_extras=True,
    )
    if optional:
        hints |= {"city": CityOption, "cameras": CamerasOption}

    files = [name for name in TABLES if name in own]

    def run(**given: Any) -> None:
        said = {name: given.pop(name) for name in shared}
        left_out = optional and said["city"] is None
        needs = dict.fromkeys([*said][1:], ("city",)) if left_out else declares(*files)
        require_effect(given["ctx"], needs)
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
