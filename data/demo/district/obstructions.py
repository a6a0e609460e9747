"""Things that were put where they are to hide something."""

from __future__ import annotations

from district.draw import Drawing, column, kiosk, panel, tree


def set_obstructions(drawing: Drawing) -> dict[str, str]:
    """Put the crown, the kiosk, the billboard and the column in their places; return their ids."""
    gates = drawing.gates
    meili, primary, telecom, mall = (
        gates[key].frame for key in ("meili-n", "primary-s", "telecom", "mall-2")
    )
    return {
        "crown": tree(drawing, meili.at(0.0, 6.0), radius=2.6, base=1.9, top=7.5),
        "渡口街报刊亭": kiosk(drawing, "渡口街报刊亭", primary.inner(1.2, 5.0), 5.0, 2.4, 3.4),
        "望桥路口户外广告牌": panel(
            drawing, "望桥路口户外广告牌", (telecom.at(-3.0, 13.0), telecom.at(3.0, 13.0)), 2.2, 6.2
        ),
        "云集商场信息柱": column(drawing, "云集商场信息柱", mall.at(0.0, 8.0), 1.0, 6.0),
    }
