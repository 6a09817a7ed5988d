"""The customer's page: who asks for what, until when; one button says no. It needs no script.

Reading it changes nothing. `links` says who is reading, the claim decides whether a no is in time.
"""
