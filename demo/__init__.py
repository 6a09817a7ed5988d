"""Four claims through weeks, and a preview of all mails."""
