"""What is handed out to prove a session elsewhere, and what is kept secret."""
