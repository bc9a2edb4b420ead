"""Who vouches for a model: keys, signatures over what it is, and whether they hold."""
