"""What stands in the way of sight: bodies, their segments, whether they are sound."""

from civicsight.scene.bodies import (
    MIN_TRANSMITTANCE,
    TRANSMITTANCE,
    Assumed,
    Scene,
    Season,
    build_scene,
)

__all__ = ["MIN_TRANSMITTANCE", "TRANSMITTANCE", "Assumed", "Scene", "Season", "build_scene"]
