"""The catalogue of devices by neutral classes: one choice gives a camera the optics of a class."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from math import isclose, radians, tan
from typing import Any, Final

import pandas as pd
import streamlit as st

from civicsight.core.errors import N_
from civicsight.editing.commands import SetOptics
from civicsight.planning.candidates.classes import CLASS_LABELS, CameraClass, read_classes
from civicsight.planning.prices.price_table import read_prices
from civicsight.presentation.lexicon import number
from civicsight.ui.editor.state import EditorState, act
from civicsight.ui.frame import Visit, current

OWN: Final = ("hfov_deg", "vfov_deg", "width_px")
"""What tells the device of a camera."""

CLOSE: Final = 1e-3


@cache
def catalogue() -> Mapping[str, CameraClass]:
    """Return the classes of one head, by name: what a camera of a draft can be."""
    return {each.camera_class: each for each in read_classes() if each.heads == 1}


@cache
def device_prices() -> Mapping[str, int]:
    """Return what the device of each class costs by the price table of the project [yuan]."""
    prices = read_prices()
    return {name: prices.price_yuan(f"device.{name}") for name in catalogue()}


def class_of(record: Mapping[str, Any]) -> str | None:
    """Return the class that a camera is of by its optics; None where it is of none."""
    known = {name: record[name] for name in OWN}
    if any(pd.isna(value) for value in known.values()):
        return None
    return next(
        (
            name
            for name, each in catalogue().items()
            if all(isclose(getattr(each, key), known[key], rel_tol=CLOSE) for key in OWN)
        ),
        None,
    )


def optics_of(camera_id: str, name: str) -> SetOptics:
    """Return the command that gives a camera the device of a class."""
    each = catalogue()[name]
    shape = tan(radians(each.vfov_deg) / 2.0) / tan(radians(each.hfov_deg) / 2.0)
    return SetOptics(
        camera_id,
        hfov_deg=each.hfov_deg,
        vfov_deg=each.vfov_deg,
        width_px=each.width_px,
        height_px=float(round(each.width_px * shape)),
        reach_m=each.reach_m,
        night_reach_m=each.light_m,
        kind="fixed",
    )


def draw_devices(visit: Visit, editor: EditorState) -> None:
    """Draw the choice of a device; each class says what it is for and what its device costs."""
    record = editor.draft.cameras.loc[editor.camera_id]
    key = f"plan.device.{record.name}"
    st.session_state[key] = class_of(record)
    st.selectbox(
        visit.translate(N_("Device of the catalogue")),
        list(catalogue()),
        format_func=partial(_label, visit),
        placeholder=visit.translate(N_("as recorded, of no class")),
        key=key,
        on_change=_chosen,
        args=(editor, str(record.name), key),
    )


def _label(visit: Visit, name: str) -> str:
    price = number(device_prices()[name])
    what = visit.translate(CLASS_LABELS[name])
    return visit.translate(N_("%(what)s, %(price)s yuan", what=what, price=price))


def _chosen(editor: EditorState, camera_id: str, key: str) -> None:
    name = st.session_state[key]
    if name is not None:
        act(editor, current().actor, optics_of(camera_id, name))
