"""Encodes picture, sound and subtitles: one run of FFmpeg per encode job."""
