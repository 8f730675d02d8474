"""What must not be importable: imports that are written, who owns the modules, and what to declare."""
