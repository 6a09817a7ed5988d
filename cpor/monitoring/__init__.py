"""What shows operators how the worker is: logs, metrics, health, and a check of all settings."""


class Unusable(Exception):
    """A setting of these that cannot be followed on this machine: one sentence."""
