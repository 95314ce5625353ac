"""One module (or package) an API; importing it registers its handlers."""
