"""One table of checks of a kept plan: what the published script refuses the product refuses too."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from scipy.sparse import csr_array, load_npz, save_npz

from civicsight.planning.proof.contradictions import CHECKS, contradictions
from civicsight.planning.record.documents import documents_in, from_documents
from tests.forgeries_made import city, drawn_up, keep_only, listed, made, reseal  # noqa: F401 - fixtures
from tests.forgery_kinds import RECORD, certificate_alone, in_json
from tests.test_forgeries_thirty import script


def densities(change: Callable[[csr_array], csr_array]) -> Callable[[Path], None]:
    """Return what changes the px/m that are kept with the problem."""

    def forge(folder: Path) -> None:
        path = folder / "certificate" / "densities.npz"
        file = BytesIO()
        save_npz(file, csr_array(change(csr_array(load_npz(path)))))
        path.write_bytes(file.getvalue())

    return forge


def emptied(px):
    return csr_array(px.shape)


def nought(px):
    px.data[:] = 0.0
    return px


def alike(px):
    """Let a candidate that does not meet a requirement see it as well as those that do."""
    dense = px.toarray()
    column = int(dense.max(axis=0).argmax())
    dense[int(dense[:, column].argmin()), column] = dense[:, column].max()
    return dense


def double(told):
    told["chosen"] = sorted([*told["chosen"], told["chosen"][0]])


def dearer(told):
    told["bill"]["columns"]["unit_yuan"][0] *= 2.0


FORGED = {
    "emptied densities": (densities(emptied), "densities.differ"),
    "densities of nought": (densities(nought), "densities.differ"),
    "a density that meets nothing": (densities(alike), "densities.differ"),
    "a candidate chosen twice": (in_json("certificate/plan.json", double), "choice.repeats"),
    "a certificate of other costs": (certificate_alone, "record.differs"),
    "a price of the bill": (in_json(RECORD, dearer), "bill.differs"),
}


def test_what_the_script_refuses_the_product_refuses_by_itself(made, tmp_path):
    """Emptied densities passed `plan verify` without --city, and not the script."""
    honest = Path(shutil.copytree(made, tmp_path / "honest"))
    keep_only(honest, listed(honest))
    assert contradictions(from_documents(documents_in(honest))) == []
    for name, (forge, code) in FORGED.items():
        place = Path(shutil.copytree(honest, tmp_path / name.replace(" ", "-")))
        forge(place)
        reseal(place)
        assert code in contradictions(from_documents(documents_in(place))), name
        assert script.verify(place)[0], f"the script passes {name}"
    assert {code for _, code in FORGED.values()} | {"money.differs", "places.differ"} == set(CHECKS)
