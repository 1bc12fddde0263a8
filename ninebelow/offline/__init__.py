"""What the offline commands share: reading of input files with every fault and its line, and printing."""
