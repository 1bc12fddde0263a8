"""Is what is on the wire Sparkplug 3.0? One recorded capture, judged clause by clause; pure."""
