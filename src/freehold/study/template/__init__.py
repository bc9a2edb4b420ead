"""Reading chat templates without running them."""
