"""The customer's page: who claims what, until when; one button declines. It needs no script.

Reading it changes nothing. The link says who reads it; the claim decides whether a no is in time.
"""
