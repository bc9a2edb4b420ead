"""Training by torch and PEFT, which the extra `freehold[torch]` brings. Nothing else loads them."""
