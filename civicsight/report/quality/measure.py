"""The quality of the data of a project: what is known, how old it is, and what that caps."""

from __future__ import annotations

from civicsight.model import City
from civicsight.report.quality.basis import read_basis
from civicsight.report.quality.cells import make_cells
from civicsight.report.quality.fields import measure_layers
from civicsight.report.quality.limits import find_firm, find_limits
from civicsight.report.quality.model import Quality
from civicsight.rules import Rules, load_packs


def quality_of(city: City, *, rules: Rules | None = None) -> Quality:
    """Measure the data of a project, with the code that findings are made by.

    Parameters
    ----------
    city
        The project, not changed.
    rules
        Rule packs, by default those of the planners; their policy sets the caps.

    Raises
    ------
    SchemaError, InputError
        If a table is not as declared, or a register names a class that no pack has.
    """
    rules = load_packs() if rules is None else rules
    basis = read_basis(city, rules)
    cells, side = make_cells(basis)
    return Quality(
        city,
        basis.cameras,
        measure_layers(city),
        find_firm(basis),
        find_limits(basis),
        cells,
        side,
        rules.value("inventory_max_age"),
        rules.versions,
        rules.sha256,
    )
