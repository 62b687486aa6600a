"""One run of FFmpeg per encode job: the picture, the sound, the subtitles."""
