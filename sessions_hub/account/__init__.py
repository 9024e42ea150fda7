"""Pages for users: what they see of their own sessions, and do about them."""
