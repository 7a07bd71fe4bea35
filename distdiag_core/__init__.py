"""distdiag's core: watches, hurts and diagnoses a distributed OceanBase cluster, without a terminal."""

__version__ = "0.1.0"
