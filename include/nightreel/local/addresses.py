"""The addresses of a running stack, and what is stored of it between starts."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nightreel.local.home import Home, write_private


class StackAddresses(BaseModel):
    """The addresses of the stack's parts, and the credentials for them."""

    model_config = ConfigDict(frozen=True)

    airflow_url: str
    username: str
    password: str = Field(repr=False)
    airflow_dsn: str
    """libpq URI of Airflow's metadata database."""
    catalog_dsn: str
    """libpq URI of the catalog's database."""
    s3_endpoint: str
    bucket: str
    public_url: str
    """The URL under which players read the bucket's objects, without credentials."""
    web_url: str = ""
    """The standalone web app's address; empty for a stack that was last started without one."""
    web_key: str = Field(default="", repr=False)
    """An API key with all scopes, to sign in with."""


class StackRecord(BaseModel):
    """The ports of the last start, to be used again, and its addresses."""

    model_config = ConfigDict(frozen=True)

    ports: dict[str, int] = {}
    addresses: StackAddresses | None = None

    @classmethod
    def read(cls, home: Home) -> "StackRecord":
        """An empty record if there is none, or it is unreadable: nothing in it is precious."""
        try:
            return cls.model_validate_json(home.record.read_text())
        except (FileNotFoundError, ValidationError):
            return cls()

    def write(self, home: Home) -> None:
        """Readable only by its owner, because the addresses contain passwords."""
        write_private(home.record, self.model_dump_json(indent=2))
