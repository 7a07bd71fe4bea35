"""A small campaign for the cluster in memory."""

from __future__ import annotations

from distdiag_core.campaign.campaign import Campaign, Product, Scenario
from distdiag_core.campaign.load import Load

LOADS = {"low": Load(threads=2), "high": Load(threads=6)}
_PRODUCT = Product(("cpu_stress", "io_stress"), ("n1", "n3"), ("high",))
SINGLES = Campaign("small", 7, LOADS, (Scenario(("low", "high"), each=_PRODUCT),), recovery_s=4.0)
