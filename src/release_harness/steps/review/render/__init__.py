"""Words for people: text for terminals of any width, Markdown for pull requests."""
