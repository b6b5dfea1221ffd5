"""Plain text and its neighbours: addresses, names, dates, languages, phrases, templates."""
