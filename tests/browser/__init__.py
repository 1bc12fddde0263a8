"""The console in a real browser, fed by a scripted centre."""
