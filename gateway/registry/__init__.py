"""Master data: what it consists of, how it is read, checked, kept and told of; the plan's answers from it."""
