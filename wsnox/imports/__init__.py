"""What a member imports and does not declare: imports, the owners of their modules, and the command that fixes it."""
