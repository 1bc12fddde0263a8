"""The store of every reading and every fact, behind one small protocol."""
