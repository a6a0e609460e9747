"""Candidates of a plan: what could be kept, set anew, replaced, connected or built, lawfully."""

from civicsight.planning.candidates.effort import Forecast, forecast
from civicsight.planning.candidates.make import generate
from civicsight.planning.candidates.model import CandidateSet

__all__ = ["CandidateSet", "Forecast", "forecast", "generate"]
