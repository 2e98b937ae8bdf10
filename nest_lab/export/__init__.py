"""What leaves the laboratory: Neo and NIX for data, a report for people."""
