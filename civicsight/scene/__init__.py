"""What stands in the way of sight: bodies, their segments, whether they are sound."""

from civicsight.scene.bodies import Scene, build_scene

__all__ = ["Scene", "build_scene"]
