"""An honest report on what `modify` made: before and after, measured the same way."""
