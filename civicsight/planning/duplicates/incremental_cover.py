"""Counters that follow a plan while somebody edits it: one camera costs as much as its own row.

Beside the number of cameras that meet each sample stands the sum of their numbers: where one camera
alone is left, that *is* its number, so whoever becomes or ceases to be the only one is known
without looking at anybody else.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.planning.duplicates.camera_set import CameraSet


class IncrementalCover:
    """Who is needed where, kept up to date by `add`, `remove` and `move`.

    Parameters
    ----------
    fleet
        Cameras and what they meet.
    present
        Which of them are there at first, shape ``(n_camera,)``; all by default.

    Attributes
    ----------
    cover
        Cameras that meet each sample, shape ``(n_sample,)``.
    unique
        Weight that is lost if a camera alone goes, shape ``(n_camera,)``; 0 for one that is away.
    met
        Weight of each part that is met as often as asked, shape ``(n_part,)``.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> from civicsight.planning.duplicates.camera_set import pack_camera_set
    >>> ring = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool))
    >>> cover = IncrementalCover(pack_camera_set(ring, planned=np.ones(3, bool)))
    >>> cover.remove(0)
    >>> cover.unique.tolist(), cover.met.tolist()
    ([0.0, 1.0, 1.0], [3.0])
    """

    def __init__(self, fleet: CameraSet, present: BoolArray | None = None) -> None:
        n, m = fleet.meets.shape
        self.present = np.zeros(n, bool)
        self.cover = np.zeros(m, np.int32)
        self.unique = np.zeros(n)
        self.met = np.zeros(int(fleet.part.max(initial=-1)) + 1)
        self._owner = np.zeros(m, np.int64)
        self._weight, self._k, self._part = fleet.weight, fleet.k, fleet.part
        self._rows = np.split(fleet.meets.indices.astype(np.int64), fleet.meets.indptr[1:-1])
        # Where several are asked for, who they are is kept; such samples are few.
        self._teams: dict[int, set[int]] = {int(s): set() for s in np.flatnonzero(fleet.k > 1)}
        self._fill(fleet, np.ones(n, bool) if present is None else present)

    def add(self, camera: int) -> None:
        """Put a camera there."""
        self._require(camera, present=False)
        row = self._rows[camera]
        self._shift(row, camera, 1)
        self.present[camera] = True

    def remove(self, camera: int) -> None:
        """Take a camera away; what it would meet is remembered."""
        self._require(camera, present=True)
        self._shift(self._rows[camera], camera, -1)
        self.present[camera] = False
        self.unique[camera] = 0.0

    def move(self, camera: int, samples: npt.ArrayLike) -> None:
        """Let a camera meet other samples: it was turned, moved or has another lens.

        Parameters
        ----------
        camera
            Its number; whether it is there does not change.
        samples
            Numbers of the samples that it meets now, each once.
        """
        row = np.unique(np.asarray(samples, np.int64))
        if len(row) and not 0 <= row[0] <= row[-1] < len(self.cover):
            msg = f"samples {row[0]} to {row[-1]} are not all among {len(self.cover)}"
            raise MismatchError(msg)
        there = bool(self.present[camera])
        if there:
            self.remove(camera)
        self._rows[camera] = row
        if there:
            self.add(camera)

    def total(self, camera: int) -> float:
        """Return the weight that a camera meets, there or not."""
        return float(self._weight[self._rows[camera]].sum())

    def gain(self, camera: int) -> float:
        """Return the weight that only this camera adds to those that are there."""
        if self.present[camera]:
            return float(self.unique[camera])
        row = self._rows[camera]
        return float(self._weight[row[self.cover[row] < self._k[row]]].sum())

    def _require(self, camera: int, *, present: bool) -> None:
        if bool(self.present[camera]) != present:
            state = "not there" if present else "there already"
            msg = f"camera {camera} is {state}"
            raise MismatchError(msg)

    def _fill(self, fleet: CameraSet, present: BoolArray) -> None:
        """Count all cameras at once."""
        row, column = fleet.row, fleet.meets.indices
        here = present[row]
        self.present[:] = present
        self.cover[:] = np.bincount(column[here], minlength=len(self.cover))
        self._owner[:] = np.bincount(column[here], row[here], len(self.cover)).astype(np.int64)
        needed = here & (self.cover[column] <= self._k[column])
        own = np.bincount(row[needed], self._weight[column[needed]], len(self.unique))
        self.unique[:] = own
        done = self.cover >= self._k
        self.met[:] = np.bincount(self._part[done], self._weight[done], len(self.met))
        for i in np.flatnonzero(here & (self._k[column] > 1)):
            self._teams[int(column[i])].add(int(row[i]))

    def _shift(self, row: IntArray, camera: int, step: int) -> None:
        """Add a camera to its samples, or take it off."""
        cover, k, weight = self.cover[row], self._k[row], self._weight[row]
        self._owner[row] += step * camera
        self.cover[row] = cover + step
        # Between `k` and `k + 1` cameras the others gain or lose what they are needed for.
        edge = (cover == k) if step > 0 else (cover == k + 1)
        self._credit(row[edge & (k == 1)], camera, -step)
        for sample in row[k > 1].tolist():
            self._change_team(sample, camera, step)
        if step > 0:
            self.unique[camera] = float(weight[cover < k].sum())
        crossed = (cover + 1 == k) if step > 0 else (cover == k)
        np.add.at(self.met, self._part[row[crossed]], step * weight[crossed])

    def _credit(self, samples: IntArray, camera: int, sign: int) -> None:
        """Give or take what the other camera at each sample is alone needed for."""
        others = self._owner[samples] if sign > 0 else self._owner[samples] - camera
        np.add.at(self.unique, others, sign * self._weight[samples])

    def _change_team(self, sample: int, camera: int, step: int) -> None:
        """Follow who meets a sample that asks for several."""
        team, k = self._teams[sample], int(self._k[sample])
        if step > 0:
            others: Iterable[int] = list(team) if len(team) == k else ()
            team.add(camera)
        else:
            team.discard(camera)
            others = list(team) if len(team) == k else ()
        for other in others:
            self.unique[other] -= step * self._weight[sample]
