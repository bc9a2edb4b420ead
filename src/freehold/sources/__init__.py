"""Where models come from. A source says what to fetch; it fetches nothing big itself."""
