"""From encoded renditions to segments, playlists and manifests."""
