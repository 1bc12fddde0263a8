"""Master data: for now the demo projects; enterprises, mines and users come with the registry."""
