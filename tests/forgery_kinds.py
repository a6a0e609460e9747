"""Thirty ways to forge a plan, each with every digest counted anew: `forgeries_made.reseal`.

Each says which check finds it without a root: nothing where the forger made no mistake, so that the
root alone tells. The table of `docs/explanation/certificate.md` names each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_array, load_npz, save_npz

from tests.forgeries_made import change_choice, change_density, change_price, cut_cost, read_json
from tests.forgeries_made import write_json as write

PROOF, CLAIM, RECORD = "certificate", "certificate/plan.json", "plan.json"


@dataclass(frozen=True)
class Kind:
    """One kind: what is forged, and what finds it without a root, a code of `plan verify`."""

    does: Callable[[Path], object]
    found: str = ""


def in_json(name: str, change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Return what changes a JSON file of a folder."""

    def forge(folder: Path) -> None:
        told = read_json(folder / name)
        change(told)
        write(folder / name, told)

    return forge


def in_table(table: str, column: str, value: Callable[[Any], Any]) -> Callable[[Path], None]:
    """Return what changes the first known value of a column of a table of the record."""

    def change(told: Any) -> None:
        cells = told[table]["columns"][column]
        at = next(k for k, cell in enumerate(cells) if cell not in (None, 0, 0.0, "", [], False))
        cells[at] = value(cells[at])

    return in_json(RECORD, change)


def in_array(name: str, change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Return what changes an array of the certificate in its place."""

    def forge(folder: Path) -> None:
        path = folder / PROOF / f"{name}.npy"
        array = np.load(path)
        change(array)
        np.save(path, array)

    return forge


def everywhere(name: str, value: Any) -> Callable[[Path], None]:
    """Return what says another figure in record and certificate."""

    def forge(folder: Path) -> None:
        in_json(CLAIM, lambda told: told.update({name: value}))(folder)
        in_json(RECORD, lambda told: told["proof"].update({name: value}))(folder)

    return forge


def certificate_alone(folder: Path) -> None:
    """Let a camera cost less in the certificate, and forget the tables."""
    told = read_json(folder / RECORD)
    cut_cost(folder)
    write(folder / RECORD, told)


def dearer(folder: Path) -> None:
    """Take a camera more that nobody needs, and call what it costs the least there can be."""
    claim, record = read_json(folder / CLAIM), read_json(folder / RECORD)
    cost = np.load(folder / PROOF / "problem" / "cost.npy")
    more = next(k for k, each in enumerate(cost) if k not in claim["chosen"] and each > 0)
    claim["chosen"] = sorted([*claim["chosen"], more])
    sums = {name: claim["cost"] + float(cost[more]) for name in ("cost", "bound", "solver_bound")}
    record["proof"].update(value=sums["cost"], bound=sums["bound"], solver_bound=sums["bound"])
    own, bill = record["measures"]["columns"]["cost_yuan"], record["bill"]["columns"]
    at = next(k for k, each in enumerate(own) if each > 0)
    line = bill["camera_id"].index(record["measures"]["index"][at])
    own[at] += float(cost[more])
    bill["cost_yuan"][line] += float(cost[more])
    bill["unit_yuan"][line] = bill["cost_yuan"][line] / bill["quantity"][line]
    write(folder / CLAIM, claim | sums)
    write(folder / RECORD, record)


def sees_more(folder: Path) -> None:
    """Let a chosen camera meet a requirement more, in the matrix and in what is made of it."""
    claim = read_json(folder / CLAIM)
    place = folder / PROOF / "problem"
    ptr, start, length = (np.load(place / f"run_{n}.npy") for n in ("ptr", "start", "length"))
    one = next(k for k in claim["chosen"] if ptr[k] < ptr[k + 1])
    last = ptr[one + 1] - 1
    cell = int(start[last] + length[last])
    length[last] += 1
    np.save(place / "run_length.npy", length)
    path = folder / PROOF / "densities.npz"
    matrix = csr_array(load_npz(path)).tolil()
    matrix[one, cell] = 9_999.0
    file = BytesIO()
    save_npz(file, csr_array(matrix))
    path.write_bytes(file.getvalue())


def swap(cells: list[Any]) -> None:
    """Exchange the first two that differ."""
    other = next(k for k, cell in enumerate(cells) if cell != cells[0])
    cells[0], cells[other] = cells[other], cells[0]


def less_of_the_bill(told: Any) -> None:
    """Leave out a line of the bill."""
    for cells in told["bill"]["columns"].values():
        cells.pop()
    told["bill"]["rows"] -= 1


def turn(told: Any) -> None:
    """Turn a camera, in the measures and in its record."""
    camera = told["cameras"]["index"][0]
    at = told["measures"]["index"].index(camera)
    for table, k in (("measures", at), ("cameras", 0)):
        told[table]["columns"]["azimuth_deg"][k] += 15.0


def lower_a_head(folder: Path) -> None:
    """Let a head hang lower in the file that rows are rebuilt from."""
    path = folder / PROOF / "heads.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("height_m")
    heights = table["height_m"].to_numpy().copy()
    heights[0] -= 0.5
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(heights)), path)


def told_otherwise(folder: Path) -> None:
    """Let the text that the documents are rendered from say another sum."""
    path = folder / "told.json"
    path.write_text(path.read_text("utf-8").replace("Works: ", "Works: 1"), encoding="utf-8")


KINDS: dict[str, Kind] = {
    "cost of a camera, wherever it stands": Kind(cut_cost, "bill.differs"),
    "cost of a camera, in the certificate alone": Kind(certificate_alone, "record.differs"),
    "price of a candidate that was not chosen": Kind(
        in_array("problem/cost", lambda cost: cost.__setitem__(-2, cost[-2] + 1_000.0))
    ),
    "a dearer choice, called the cheapest": Kind(dearer, "bound.unproven"),
    "the solver's word": Kind(everywhere("solver_bound", 300.0), "solver.contradicts"),
    "the lower bound": Kind(everywhere("bound", 400.0), "bound.unproven"),
    "the duals": Kind(
        in_array("dual", lambda dual: np.multiply(dual, -1.0, out=dual)), "bound.unproven"
    ),
    "a camera dropped from the choice": Kind(change_choice, "coverage.short"),
    "px/m of a chosen camera": Kind(change_density),
    "what a chosen camera meets": Kind(sees_more),
    "what a requirement needs": Kind(
        in_array("problem/need", lambda need: need.__setitem__(0, 0)), "bound.unproven"
    ),
    "how much may stay unmet": Kind(in_array("problem/slack", lambda slack: slack.__iadd__(0.1))),
    "weight of a requirement": Kind(
        in_array("problem/weight", lambda weight: weight.__setitem__(0, 0.25))
    ),
    "what a site carries": Kind(in_array("problem/capacity", lambda room: room.__setitem__(0, 5))),
    "candidates, two exchanged by name": Kind(
        in_json("certificate/labels.json", lambda told: swap(told["candidates"]))
    ),
    "a head of a candidate": Kind(lower_a_head),
    "a price, made up by the quantity": Kind(change_price),
    "a line of the bill, left out": Kind(in_json(RECORD, less_of_the_bill), "plan.damaged"),
    "a cost saved": Kind(in_table("ledger", "saved_yuan", lambda cell: cell + 1_000.0)),
    "a point of the curve": Kind(in_table("curve", "cost_yuan", lambda cell: cell / 2.0)),
    "year of a measure": Kind(in_table("measures", "year", lambda cell: cell + 1)),
    "kind of a measure": Kind(in_table("measures", "measure", lambda _: "refurbish")),
    "place of a camera": Kind(
        in_json(RECORD, lambda told: swap(told["measures"]["columns"]["geometry"]))
    ),
    "direction of a camera": Kind(in_json(RECORD, turn)),
    "state of a part": Kind(in_table("parts", "status_before", lambda _: "gap")),
    "what a failure leaves": Kind(in_table("robustness", "worst", lambda cell: cell / 2.0)),
    "inputs that it was made from": Kind(
        in_json(RECORD, lambda told: told["inputs"].update(buildings="ab" * 32))
    ),
    "what was asked": Kind(in_json(RECORD, lambda told: told["parameters"].update(years=[2027]))),
    "how the search went": Kind(in_table("history", "bound", lambda cell: cell / 2.0)),
    "the text of the documents": Kind(told_otherwise),
}
"""Every kind by its name."""
