"""A verifier that is shipped as data: one file, standard library only, for people who do not trust rh."""
