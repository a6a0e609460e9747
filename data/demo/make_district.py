"""Make the demonstration district: map, inventory, what is known of it, and a picture.

Run ``python data/demo/make_district.py [FOLDER]``. Nothing is drawn by chance, so that every run
gives the same bytes. What is written as known is proved on the finished map first, by plain
geometry and without the package.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from district.draw import draw  # noqa: E402 - the folder of the script is not a package
from district.expected import describe  # noqa: E402
from district.files import camera_ids, write_cameras, write_json, write_layers  # noqa: E402
from district.inventory import make_inventory  # noqa: E402
from district.known import prove_all  # noqa: E402
from district.obstructions import set_obstructions  # noqa: E402
from district.records import fill_records  # noqa: E402
from district.registers import write_registers  # noqa: E402
from district.sketch import write_sketch  # noqa: E402
from district.trees import plant_trees  # noqa: E402


def make(folder: Path) -> None:
    """Write all files of the district into a folder."""
    drawing = draw()
    obstructions = set_obstructions(drawing)
    cameras = make_inventory(drawing)
    plant_trees(drawing, cameras)
    verdicts, others, gains = prove_all(drawing, cameras, obstructions)
    fill_records(cameras, camera_ids(cameras))
    write_registers(drawing, cameras, camera_ids(cameras))
    folder.mkdir(parents=True, exist_ok=True)
    write_layers(drawing, folder / "district.gpkg")
    write_cameras(cameras, folder / "cameras.csv")
    known = describe(drawing, cameras, verdicts, others, gains, obstructions)
    write_json(known, folder / "expected.json")
    statuses = {key: verdict.status for key, verdict in verdicts.items()}
    write_sketch(drawing, cameras, statuses, folder / "district.svg")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
