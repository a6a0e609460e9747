"""Where `build_problem` stood in 1.0; the next release knows it in `aims.requirements` alone."""

from __future__ import annotations

import warnings

from civicsight.planning.aims import requirements


def __getattr__(name: str) -> object:
    """Find a name where it stands now, with a warning."""
    found: object = getattr(requirements, name)
    message = f"{name} stands in {requirements.__name__} now; the next release forgets this address"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return found
