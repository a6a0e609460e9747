"""What every room stands on: errors, languages, settings, declared tables, files."""
