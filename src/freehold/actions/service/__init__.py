"""The server as a service of this user: started at log-in, restarted when it dies."""
