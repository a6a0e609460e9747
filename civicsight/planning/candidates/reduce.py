"""Which poses are worth their place in the set: none that another of the same site outdoes.

A pose is outdone by others of its site that meet all it meets at no higher cost and see no private
wall. With as many of these as any sample asks for cameras, it is never needed: where all of them
are taken it adds nothing, and where one is not, that one replaces it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray


def undominated(
    meets: csr_array,
    site: IntArray,
    cost: FloatArray,
    *,
    most: int,
    outdoing: BoolArray | None = None,
) -> BoolArray:
    """Tell which rows are not outdone by `most` others of their site.

    Parameters
    ----------
    meets
        bool, shape ``(n_candidate, n_sample)``, indices sorted.
    site, cost
        Of each candidate.
    most
        The most cameras that any sample asks for.
    outdoing
        Which rows may outdo others; by default all.
    """
    may = np.ones(len(site), np.bool_) if outdoing is None else outdoing
    kept = np.ones(len(site), np.bool_)
    lengths = np.diff(meets.indptr)
    order = np.lexsort((np.arange(len(site)), -lengths, cost, site))
    bounds = np.flatnonzero(np.diff(site[order], prepend=-1, append=-1))
    for first, last in pairwise(bounds.tolist()):
        own = order[first:last]
        if len(own) > most:
            kept[own] = _undominated(_bits(meets, own), may[own].tolist(), most)
    return kept


def _bits(meets: csr_array, rows: IntArray) -> list[int]:
    """Return what each row meets as the bits of a number."""
    first, last = meets.indptr[rows], meets.indptr[rows + 1]
    own = [meets.indices[i:j] for i, j in zip(first.tolist(), last.tolist(), strict=True)]
    columns, column = np.unique(np.concatenate(own), return_inverse=True)
    dense = np.zeros((len(rows), len(columns)), np.bool_)
    dense[np.repeat(np.arange(len(rows)), last - first), column] = True
    return [int.from_bytes(line.tobytes()) for line in np.packbits(dense, axis=1)]


def _undominated(bits: list[int], may: list[bool], most: int) -> list[bool]:
    """Tell which of a site are kept; no later one is cheaper."""
    kept: list[int] = []
    verdicts = []
    for own, outdoes in zip(bits, may, strict=True):
        verdict = sum(own | other == other for other in kept) < most
        verdicts.append(verdict)
        if verdict and outdoes:
            kept.append(own)
    return verdicts
