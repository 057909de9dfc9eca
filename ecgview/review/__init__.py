"""Readers' labels: kept for good, compared, sampled for a second look, handed on."""
