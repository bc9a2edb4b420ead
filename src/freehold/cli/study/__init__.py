"""`freehold study`: one module for each of its parts."""
