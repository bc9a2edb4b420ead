"""Who is near, on the local network: DNS's own questions and answers, sent to everybody at once."""
