"""Events: delivered to the incentive engine and to the portal."""
