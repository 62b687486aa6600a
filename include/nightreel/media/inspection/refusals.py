"""Why a source is refused: every reason code, and the sentence that its owner reads.

This is the only table of what `probe` and the decode check refuse, and the documentation is made from it.
Words in braces stand for what was found. What keeps a source from being fetched at all is in
`nightreel.sources`.
"""

from enum import StrEnum

from nightreel.errors import SourceRejected


class Refusal(StrEnum):
    """A stable reason code; `sentence` says what is wrong and how to fix it."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Refusal":
        """A member whose value is its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    EMPTY_FILE = "empty_file", "The file is empty: upload it again."
    WEB_PAGE = (
        "web_page",
        "The file is a web page, not a video: the video URL may lead to a login or an error page.",
    )
    TEXT_FILE = (
        "text_file",
        "The file is a text, not a video; it begins with {beginning}. Check where the video URL leads.",
    )
    PLAYLIST = (
        "playlist",
        "The file is {kind}, which only names other files: point the video URL at the video itself.",
    )
    IMAGE = "image", "The file is a picture ({kind}), not a video."
    SUBTITLES_ONLY = "subtitles_only", "The file holds subtitles but no video: upload the film itself."
    OTHER_CONTAINER = (
        "other_container",
        "The file is in a format that is not supported ({kind}): convert it to MP4, MOV or MKV.",
    )
    NOT_MEDIA = "not_media", "The file is not a known kind of video, whatever its name says."
    UNREADABLE = (
        "unreadable",
        "The file cannot be read as a video: {said}. Export it again from the original.",
    )
    NO_INDEX = (
        "no_index",
        "The file has no whole index (moov): it was cut off before its end, or its recording never finished. "
        "Upload it again, or export it again from the original.",
    )
    TRUNCATED = (
        "truncated",
        "The file ends early: it promises {promised}, but holds {held}. Upload it again.",
    )
    BROKEN_INDEX = (
        "broken_index",
        "The index of the file points outside the file: of {promised}, only {held} are there. "
        "Export it again from the original.",
    )
    TOO_MANY_STREAMS = (
        "too_many_streams",
        "The file has more than {most} tracks: keep the picture, its sounds and its subtitles.",
    )
    TOO_MANY_BOXES = (
        "too_many_boxes",
        "The file is made of more than {most} pieces, which no video is. Export it again from the original.",
    )
    TOO_MANY_PACKETS = (
        "too_many_packets",
        "The file promises more than {most} frames and audio packets, which no video has. "
        "Export it again from the original.",
    )
    OVERSTATED_INDEX = (
        "overstated_index",
        "The index of the file promises {promised} frames and audio packets, more than its {held} bytes "
        "can hold. Export it again from the original.",
    )
    COMPRESSED_INDEX = (
        "compressed_index",
        "The index of the file is compressed (cmov), as QuickTime once wrote it, and is not read. Rewrite it "
        "without encoding: ffmpeg -i film.mov -c copy film.mp4.",
    )
    NO_VIDEO = "no_video", "The file has no video track, only sound or data."
    UNKNOWN_CODEC = (
        "unknown_codec",
        "The video track is in a format that cannot be decoded: export it as H.264, HEVC or AV1.",
    )
    COPY_PROTECTED = (
        "copy_protected",
        "The video track is encrypted, as bought films are: only a file without copy protection can be used.",
    )
    DOLBY_VISION_ONLY = (
        "dolby_vision_only",
        "The picture is in Dolby Vision profile {profile}, which only a Dolby Vision decoder can show: "
        "export it with an HDR10, HLG or SDR base layer (profile 8), or as plain HDR10 or SDR.",
    )
    UNKNOWN_COLOURS = (
        "unknown_colours",
        "The picture's colours are coded as {matrix}, for which there is no conversion: "
        "export it as BT.709, or as HDR10 or HLG.",
    )
    BAD_PICTURE_SIZE = (
        "bad_picture_size",
        "The picture is {width}×{height} pixels, too small or too narrow to show.",
    )
    PICTURE_TOO_LARGE = (
        "picture_too_large",
        "The picture is {width}×{height} pixels; {longest} on the longer side and {megapixels} megapixels "
        "are the limit.",
    )
    EMPTY_VIDEO = "empty_video", "The picture track holds no frame that can be shown."
    TIME_GAP = (
        "time_gap",
        "The times in the file cannot be right: after {before} there is no picture for {gap}. "
        "Export it again from the original.",
    )
    JOINED = (
        "joined",
        "The file is several recordings joined byte by byte, of which only {first} can be read. Join them "
        "with a video program, or with ffmpeg -f concat.",
    )
    TOO_LONG = "too_long", "The picture lasts {duration}; {most} is the limit: cut it into parts."
    UNDECODABLE = (
        "undecodable",
        "The picture is damaged: {damaged} of {frames} frames cannot be decoded correctly{where}. "
        "Upload it again, or export it again from the original.",
    )

    def because(self, **found: object) -> SourceRejected:
        """The error to raise; `found` fills the sentence."""
        return SourceRejected(self.value, self.sentence.format(**found))
