"""The client: starts claims, sends messages to them and reads what is known of them."""
