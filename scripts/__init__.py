"""Tools of the project: set-up (``bootstrap``) and data loading."""
