"""What pages ask beyond the live stream: records, courses and readings as the store has them, with the reasons."""
