"""Mails that came back: delivery reports, and the notifications of services that send mails."""
