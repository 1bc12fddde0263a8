"""How long the judgement of chambers takes."""
