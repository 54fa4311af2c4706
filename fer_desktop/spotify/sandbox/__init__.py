"""A stand-in for Spotify on this computer, for the demo and the tests: real HTTP and made-up songs."""

from fer_desktop.spotify.sandbox.faults import Fault
from fer_desktop.spotify.sandbox.server import Exchange, Sandbox

__all__ = ["Exchange", "Fault", "Sandbox"]
