"""The page in the browser: HTML from here, plain modules in `assets`, and the JSON they ask for."""
