"""Local independent systems of coordinates: the way out of one, as long as a file is read.

Towns measure in systems of their own. The parameters of one may be classified: neither project nor
export keeps any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pyproj import CRS, Transformer

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_
from civicsight.model.notes import Note, noted


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """A local system of coordinates, and the way out of it.

    Parameters
    ----------
    name
        Of the file of parameters.
    crs
        What coordinates come out in.
    northing_first
        Whether a column that is only called X counts to the north.
    steps
        The way as PROJ goes it, easting first; never shown, for it holds the parameters.
    """

    name: str
    crs: CRS
    northing_first: bool
    steps: str = field(repr=False)

    def out_of(self, xy: FloatArray) -> FloatArray:
        """Return places, easting and northing in the local system [m], in `crs`.

        What is not finite stays unknown.
        """
        x, y = Transformer.from_pipeline(self.steps).transform(xy[:, 0], xy[:, 1])
        known = np.isfinite(xy).all(axis=1) & np.isfinite(x) & np.isfinite(y)
        out: FloatArray = np.where(known[:, None], np.column_stack([x, y]), np.nan)
        return out

    def describe(self) -> Note:
        """Say what is done, and by which file."""
        said = N_("local coordinates, by the parameters of %(file)s", file=self.name)
        return noted("read.coordinates", said)
