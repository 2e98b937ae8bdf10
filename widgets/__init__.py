"""Live widgets for notebooks: one file, one widget."""
