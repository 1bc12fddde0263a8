"""From readings to the centre: journal first, publish, wait for the commit, delete."""
