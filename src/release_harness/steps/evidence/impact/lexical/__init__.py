"""What names mean in files of other languages than Python: modules, packages and lexical scopes."""
