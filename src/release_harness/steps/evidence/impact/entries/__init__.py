"""Entry points: one file for each framework, that reads its registrations; `registry` lists them all."""
