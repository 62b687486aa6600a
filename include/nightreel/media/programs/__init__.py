"""FFmpeg, ffprobe and Shaka Packager: where they are, and how they are run."""
