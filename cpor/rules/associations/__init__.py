"""Who holds the items of one tenant, who asks for them, and which claims came before.

An item is a workload of the tenant, or one of its subscriptions. At most one claim holds it.
"""
