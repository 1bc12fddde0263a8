"""What people look at: the console (web/)."""
