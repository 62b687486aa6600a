"""Where FFmpeg, ffprobe and Shaka Packager are, and how they are run."""
