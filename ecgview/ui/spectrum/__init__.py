"""Spectrum and spectrogram of a lead: drawn, asked for, saved."""
