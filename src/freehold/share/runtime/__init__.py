"""Everything to install and use Freehold on a machine that has no network: the stuff of a stick."""
