"""Mails: written, put into bytes and handed to the mail server."""
