from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.coverage.optics.rigs import Preset, head_azimuths_deg, preset_duty, read_presets


def test_tour_is_read_and_its_time_shared_out():
    tour = read_presets("90/12/40/30; 180/10/35/10;")
    assert tour == (Preset(90, 12, 40, 30), Preset(180, 10, 35, 10))
    assert preset_duty(tour) == (0.75, 0.25)


def test_a_stop_without_dwell_has_no_duty():
    assert preset_duty(read_presets("0/10/40/0;90/10/40/5")) == (0.0, 1.0)


def test_every_bad_stop_is_named():
    with pytest.raises(InputError) as caught:
        read_presets("90/12/40;1/2/3/4;x/1/1/1;0/95/40/1;0/5/0/1")
    assert [fault.where for fault in caught.value.faults] == ["1", "3", "4", "5"]
    assert "credited by no preset" in str(caught.value)


@pytest.mark.parametrize("text", ["", ";", "90/12/40/0"])
def test_a_tour_that_never_dwells_is_refused(text):
    with pytest.raises(InputError, match="some dwell above 0"):
        read_presets(text)


def test_heads_share_the_span_about_the_azimuth():
    assert head_azimuths_deg(90.0, 180.0, 2) == (45.0, 135.0)
    assert head_azimuths_deg(10.0, 90.0, 1) == (10.0,)
    assert sorted(head_azimuths_deg(0.0, 360.0, 4)) == [45.0, 135.0, 225.0, 315.0]


def test_a_tour_has_no_more_stops_than_a_byte_can_number():
    with pytest.raises(InputError, match="256 presets"):
        read_presets("0/10/40/1;" * 256)
