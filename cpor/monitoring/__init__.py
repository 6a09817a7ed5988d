"""What operators watch a worker by: logs, metrics, health, and a check of all settings."""


class Unusable(Exception):
    """A setting that cannot be used on this machine; the text is one sentence."""
