"""Temporal makes the rules durable: one workflow per claim."""
