"""Compute the indices of a compliance report anew from its exported densities and needs alone."""

import csv
import json
from collections import defaultdict
from pathlib import Path


def recount(folder):
    def rows(name):
        return list(csv.DictReader((Path(folder) / name).read_text(encoding="utf-8").splitlines()))

    def ratio(part, whole):
        return part / whole if whole else None

    parts, cameras, needs, private = map(
        rows, ("parts.csv", "cameras.csv", "needs.csv", "private.csv")
    )
    rule = {row["part_id"]: (int(row["k"]), float(row["fraction"]) - 1e-9) for row in parts}
    total, sees = defaultdict(float), defaultdict(list)
    for row in needs:
        total[row["part_id"]] += float(row["weight"])
    for row in rows("px.csv"):
        sees[row["sample_id"]].append(row)

    def shares(reading, chosen=None, *, seen=False):
        done = dict.fromkeys(total, 0.0)
        for row in needs:
            least, k = (0.0, 1) if seen else (float(row["need_px_m"]), rule[row["part_id"]][0])
            own = [e for e in sees[row["sample_id"]] if chosen is None or e["camera_id"] in chosen]
            px = [float(entry[f"px_m_{reading}"]) for entry in own]
            if sum(density >= least and density > 0 for density in px) >= k:
                done[row["part_id"]] += float(row["weight"])
        return {part: met / total[part] for part, met in done.items()}

    found = {"parts": len(parts), "judged": len(total)}
    for reading in ("sure", "assumed", "possible"):
        met, seen = shares(reading), sum(shares(reading, seen=True).values())
        good = sum(share >= rule[part][1] for part, share in met.items())
        found[f"compliance_{reading}"] = ratio(good, len(parts))
        found[f"conformance_{reading}"] = ratio(sum(met.values()), seen)
    for name, fact in (("reuse", "stands"), ("shared_ready", "shared")):
        chosen = {row["camera_id"] for row in cameras if row[fact] == "yes"}
        found[name] = ratio(sum(shares("sure", chosen).values()), sum(shares("sure").values()))
    area, could, before, after = defaultdict(float), defaultdict(float), {}, {}
    for row in private:
        size = float(row["area_m2"])
        area[row["camera_id"]] += size * (float(row["masked_px_m_sure"]) > 0)
        could[row["camera_id"]] += size * (float(row["masked_px_m_possible"]) > 0)
        before[row["sample_id"]] = size
        if float(row["masked_px_m_possible"]) > 0:
            after[row["sample_id"]] = size
    limit = json.loads((Path(folder) / "indices.json").read_text("utf-8"))["private_view_m2"]
    inside = {row["camera_id"] for row in cameras if row["inside_private"] == "yes"}
    looks = {c for c, size in area.items() if size > limit} - inside
    found["privacy_violations"], found["privacy_warnings"] = len(inside), len(looks)
    found["privacy_open"] = len({c for c, size in could.items() if size > limit} - inside - looks)
    found |= {"exposed_before_m2": sum(before.values()), "exposed_after_m2": sum(after.values())}
    return found
