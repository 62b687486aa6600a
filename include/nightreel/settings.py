"""Every option of Nightreel, once.

Read from the environment, then from `.env`. Names are `NIGHTREEL_<FIELD>` in capitals, but for the bucket,
which keeps the R2 names. A wrong value is one error that names the variable and says what is allowed.
"""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from nightreel.endpoint import buckets_at, endpoint_of
from nightreel.errors import ConfigurationError
from nightreel.option_types import Folders, SecondsOrNever, TimeZone, WebUrl, Words, WorkAreaLocation
from nightreel.places import PROJECT_ROOT, STATE_ROOT
from nightreel.vocabulary.events import EventKind
from nightreel.vocabulary.media import Container, DecodeCheck, EncoderSetting, FastPreset, Preset, VideoCodec
from nightreel.vocabulary.protection import ProtectionSystem


class Settings(BaseSettings):
    """The options. Durations are in seconds, sizes in bytes, rates in bits per second."""

    model_config = SettingsConfigDict(
        env_prefix="NIGHTREEL_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    # --- bucket (the names of Cloudflare R2) ---
    r2_account_id: str = Field("", validation_alias="R2_ACCOUNT_ID")
    r2_access_key_id: SecretStr = Field(SecretStr(""), validation_alias="R2_ACCESS_KEY_ID")
    r2_secret_access_key: SecretStr = Field(SecretStr(""), validation_alias="R2_SECRET_ACCESS_KEY")
    r2_bucket_name: str = Field("", validation_alias="R2_BUCKET_NAME")
    r2_public_url: WebUrl = Field("", validation_alias="R2_PUBLIC_URL")
    r2_endpoint_url: WebUrl = Field("", validation_alias="R2_ENDPOINT_URL")

    # --- catalog ---
    catalog_dsn: SecretStr = SecretStr("")
    """libpq connection string, for the command line; the tasks use the Airflow connection."""
    catalog_mapping: Path = PROJECT_ROOT / "config" / "catalog.yaml"
    catalog_connection: str = "nightreel_catalog"
    catalog_statement_seconds: int = Field(300, ge=1, le=86_400)
    """How long one statement may take; a scan of a million rows takes seconds. Not for migrations."""
    catalog_lock_seconds: int = Field(30, ge=1, le=3600)
    """How long a statement waits for rows that another transaction has locked, before a retry."""
    bucket_connection: str = "nightreel_bucket"

    # --- Airflow, for the command line ---
    airflow_url: WebUrl = ""
    """Where Airflow's API answers; empty: the embedded stack's."""
    airflow_pages_url: WebUrl = ""
    """Where browsers find its pages; empty: the same address."""
    airflow_username: str = ""
    airflow_password: SecretStr = SecretStr("")

    # --- backlog ---
    backlog_schedule: str = "0 1 * * *"
    time_zone: TimeZone = "UTC"
    """The time zone of the schedules, whatever Airflow's own default is, such as `Europe/Berlin`."""
    backlog_max_titles: int = Field(1000, ge=1, le=100_000)
    backlog_max_source_hours: float = Field(48.0, gt=0)
    first_releases: bool = True
    """Whether a night publishes what plays soonest of every new title before it completes any of them."""
    first_release_seconds: float = Field(8.0, ge=0.0)
    """A title whose renditions together are no more than these seconds of 1080p25 gets them all at once."""
    first_release_height: int = Field(720, ge=144, le=2160)
    """Lines of the one rendition that a first release has: the best rung that is not above."""
    copy_pictures: bool = True
    """Whether a first release has the source's own picture where that plays as it is."""
    copy_sounds: bool = True
    """Whether stereo in AAC-LC is taken as it is where that plays, if `normalise_loudness` is off."""
    copy_peak_bps: int = Field(25_000_000, ge=100_000)
    """The highest rate of a picture that is copied, over the length of a segment."""
    copy_keyframe_seconds: float = Field(10.5, ge=1.0, le=20.0)
    """The longest time between keyframes of a picture that is copied."""
    copy_check: Literal["sampled", "whole"] = "sampled"
    """How much of a copied picture is decoded before it is uploaded: the frames after each cut, or all."""
    backlog_max_completions: int = Field(1000, ge=1, le=100_000)
    backlog_max_completion_hours: float = Field(48.0, gt=0)
    backlog_deadline_seconds: int = Field(5 * 3600, ge=1)
    """Counted from the run's logical date: 5 h after 01:00 is 06:00."""
    title_deadline_seconds: int = Field(6 * 3600, ge=1)
    """Counted from the moment the title's run was queued, which a night does when a place is free."""
    backlog_timeout_seconds: int = Field(22 * 3600, ge=60)
    """How long after its start a night starts no more titles; those in progress continue."""
    backlog_poll_seconds: int = Field(2, ge=1)
    """How often the night checks which titles have ended, and starts others."""
    title_concurrency: int = Field(2, ge=1, le=64)
    """Titles that nights convert at a time."""
    manual_concurrency: int = Field(1, ge=1, le=64)
    """Titles that people asked for, converted in addition: a night takes none of these places."""
    housekeeping_schedule: str = "17 * * * *"

    # --- claims and retries ---
    lease_seconds: int = Field(6 * 3600, ge=60)
    """How long a claim lasts that neither its run nor, while it waits for a slot, housekeeping renews."""
    retries: int = Field(3, ge=0, le=10)
    retry_delay_seconds: int = Field(20, ge=0)
    max_retry_delay_seconds: int = Field(600, ge=1)

    # --- source ---
    allowed_hosts: Words[str] = ()
    """Hosts that a video_url may name besides that of R2_PUBLIC_URL; comma-separated."""
    max_source_bytes: int = Field(200 * 1024**3, ge=1)
    decode_check: DecodeCheck = "sampled"
    """How much of a source is decoded before it is encoded."""
    damage_tolerance: float = Field(0.01, ge=0.0, le=1.0)
    """The share of the frames that may be damaged; with more, the title is quarantined."""
    child_memory_bytes: int = Field(16 * 1024**3, ge=0)
    """Address space that a media program may use; 0 sets no limit."""
    stall_seconds: int = Field(300, ge=1)
    """A media program that neither reports progress nor uses the processor for this long is killed."""
    program_folders: Folders = ()
    """Further folders that media programs may read, such as that of a driver; comma-separated."""
    fetch_timeout_seconds: int = Field(60, ge=1)
    """How long a source's host may be silent before the fetch counts as failed."""
    size_patience_seconds: int = Field(300, ge=1)
    """How long a night spends asking all hosts together for the sizes of their sources."""

    # --- encoding ---
    ladder: Path = PROJECT_ROOT / "config" / "ladder.yaml"
    segment_seconds: float = Field(6.0, ge=2.0, le=6.0)
    keyframe_seconds: float = Field(2.0, ge=0.5, le=2.0)
    preset: Preset | Literal[""] = ""
    """Overrides the preset of every rung of the ladder."""
    container: Container = "cmaf"
    """CMAF for HLS and DASH; or MPEG-TS with the sound in each variant, for HLS only."""
    codecs: Words[VideoCodec] = ("h264",)
    """A set of renditions in each; H.264 is always among them. Comma-separated."""
    hdr: bool = False
    """Whether an HDR source also gets a set of renditions in HEVC Main10 that stays HDR."""
    encoder: EncoderSetting = "software"
    """What encodes the picture; `auto` takes the first hardware that works, otherwise software."""
    normalise_loudness: bool = True
    loudness_lufs: float = Field(-23.0, ge=-70.0, le=-5.0)
    """Target of every sound (EBU R 128)."""
    encode_slots: int = Field(2, ge=1, le=128)
    encode_jobs: int = Field(0, ge=0, le=64)
    """Over how many jobs the pictures of a codec are spread; each decodes the source once. 0: by slots."""
    encode_threads: int = Field(0, ge=0, le=512)
    """How many cores the H.264 encoders of a job share; 0: all that its worker may use."""
    upload_slots: int = Field(4, ge=1, le=128)
    encode_timeout_factor: float = Field(30.0, gt=0)
    """Seconds that each rendition of an encode may take per second of source, on top of ten minutes."""
    measure_quality: bool = True
    """Whether each rendition is compared with its source (VMAF) at a few places."""
    thumbnail_seconds: float = Field(10.0, gt=0)
    sprite_seconds: float = Field(5.0, ge=1.0)
    """Seconds between two pictures that a player shows while seeking."""

    # --- encryption ---
    encrypt: bool = False
    """Whether titles are encrypted unless they say otherwise: AES-128 for ts, cbcs for cmaf."""
    key_secret: SecretStr = SecretStr("")
    """Fernet keys for content keys in the catalog, comma-separated: the first one encrypts, all decrypt."""
    key_uri: str = ""
    """Where HLS players get a key; `{key_id}` stands for its id."""
    clearkey_license_url: WebUrl = ""
    """The ClearKey licence server that the MPD names."""
    protection_systems: Words[ProtectionSystem] = ()
    """Signalled besides ClearKey (CMAF only); comma-separated."""
    fairplay_key_uri: str = "skd://{key_id}"

    # --- the web app ---
    web_url: WebUrl = ""
    """Where browsers and programs reach the app; empty: the address of the request."""
    web_origins: Words[str] = ()
    """Origins whose scripts may call the API (CORS); comma-separated."""
    web_proxies: str = ""
    """Addresses and networks of the proxies whose X-Forwarded headers are trusted; comma-separated."""
    token_secret: SecretStr = SecretStr("")
    """Signs the short-lived tokens of players (HS256); the platform's backend shares it."""
    token_seconds: int = Field(300, ge=10, le=86_400)
    """Longest life of a player's token."""
    key_requests_per_minute: int = Field(120, ge=1)
    """How many content keys one client may request per minute."""
    wrong_keys_per_minute: int = Field(30, ge=1)
    """How many wrong API keys one client may send per minute: more than a person mistypes."""
    default_content_type: str = ""
    """The content type of a request that names none; empty: the first one of the catalog mapping."""

    # --- streams on the fly ---
    stream_height: int = Field(720, ge=144, le=2160)
    stream_video_bps: int = Field(2_500_000, ge=100_000)
    stream_audio_bps: int = Field(128_000, ge=32_000)
    stream_preset: FastPreset = "veryfast"
    stream_limit: int = Field(4, ge=0, le=256)
    """How many streams may run at once; 0 switches them off."""
    stream_idle_seconds: int = Field(60, ge=5)
    """After this long without a request, an HLS stream's encoder stops and its folder is deleted."""
    open_streams: bool = False
    """Whether a stream on the fly needs no API key. Its host must still be an allowed one."""
    stream_area: Path = STATE_ROOT / "streams"

    # --- notifications ---
    webhook_urls: SecretStr = SecretStr("")
    """The URLs that events are POSTed to; comma-separated."""
    webhook_secret: SecretStr = SecretStr("")
    """Signs them (Standard Webhooks): `whsec_` and 24 to 64 bytes in base64."""
    apprise_urls: SecretStr = SecretStr("")
    """Apprise URLs (mailto://, slack://, tgram://, …) that get a short message; comma-separated."""
    notify_on: Words[EventKind] = get_args(EventKind)

    # --- prices, for the forecast ---
    storage_price: float = Field(0.015, ge=0)
    """US dollars per gigabyte and month."""
    operations_price: float = Field(4.5, ge=0)
    """US dollars per million writes to the bucket."""

    # --- work area, upload, releases ---
    work_area: WorkAreaLocation = str(STATE_ROOT / "work")
    """A directory (one machine, or a shared volume) or an s3:// prefix."""
    reports: Path = STATE_ROOT / "reports"
    """Where the validation reports (Data Docs) are kept, a folder per release."""
    validation_reports: Literal["all", "manual", "refused"] = "manual"
    """Of which releases that pass a report is written, at 2.5 CPU seconds each; `manual`: a person's."""
    upload_threads: int = Field(8, ge=1, le=64)
    release_grace_seconds: int = Field(7 * 86400, ge=0)
    """How long a superseded release stays in the bucket, for viewers who are watching it."""
    orphan_grace_seconds: SecondsOrNever = Field(None, ge=0)
    """After how long a published title whose row is gone is deleted; empty: it is reported only."""
    orphan_share: float = Field(0.1, ge=0.0, le=1.0)
    """The share of a content type's published titles that may lose their rows at once. If more rows are
    missing, and more than three, the table is assumed to be broken, and nothing is deleted."""
    upload_grace_seconds: int = Field(30 * 86400, ge=0)
    """How long a source uploaded through the web app is kept while no row names it."""

    # --- the cache in front of the bucket ---
    cloudflare_zone_id: str = Field("", pattern=r"^([0-9a-f]{32})?$")
    """The zone of R2_PUBLIC_URL's host. What is taken down is purged from its cache."""
    cloudflare_api_token: SecretStr = SecretStr("")
    """An API token that should allow only purging the zone's cache (permission Zone, Cache Purge)."""

    # --- programs; empty: those installed with Nightreel ---
    ffmpeg: str = ""
    ffprobe: str = ""
    packager: str = ""

    @field_validator("work_area")
    @classmethod
    def _private(cls, value: str, given: ValidationInfo) -> str:
        # There, the sources of encrypted titles are in the clear, under keys that can be guessed.
        bucket = value.removeprefix("s3://").partition("/")[0]
        named = [given.data.get(f"r2_{name}", "") for name in ("public_url", "endpoint_url", "account_id")]
        public = {given.data.get("r2_bucket_name"), *buckets_at(named[0], endpoint_of(*named[1:]))}
        if value.startswith("s3://") and bucket in public:
            raise ValueError(
                f"the bucket {bucket!r} is read by everyone under R2_PUBLIC_URL, and sources must not be: "
                "make a private bucket for the work area, or set a directory"
            )
        return value

    @field_validator("codecs")
    @classmethod
    def _everything_plays_h264(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "h264" not in value:
            raise ValueError("must contain h264, the codec that every player decodes")
        return tuple(dict.fromkeys(("h264", *value)))

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts without a heartbeat."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def endpoint_url(self) -> str:
        """The S3 endpoint: R2_ENDPOINT_URL, or the one that R2_ACCOUNT_ID names."""
        return endpoint_of(self.r2_endpoint_url, self.r2_account_id)


def load_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises ConfigurationError naming each wrong variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read once per process."""
    return load_settings()


def _explain(error: ValidationError) -> str:
    # The value itself is left out: it may be a secret.
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else ""
        lines.append(f"{name if name.startswith('R2_') else f'NIGHTREEL_{name.upper()}'}: {fault['msg']}")
    return "wrong settings: " + "; ".join(lines)
