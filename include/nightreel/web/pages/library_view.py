"""The library as its page shows it: filters with counts, titles, and links to other pages."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from nightreel.catalog import LibraryQuery, TitleRecord
from nightreel.catalog.records import Variant
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services

PER_PAGE = 50
_FILTER_NAMES: dict[State | None, str] = {
    None: "All",
    "claimed": "Converting",
    "pending": "Pending",
    "published": "Published",
    "quarantined": "Quarantined",
    "failed": "Failed",
}


@dataclass(frozen=True)
class ShelfQuery:
    """The reader's query, as in the page's address."""

    q: str = ""
    state: State | None = None
    content_type: str | None = None
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether it asks for anything but a page."""
        return bool(self.q or self.state or self.content_type)

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """The address's parameters, without some, and without the page."""
        given = (("q", self.q), ("state", self.state), ("content_type", self.content_type))
        return [(name, value) for name, value in given if value and name not in without]

    def search(self, **changed: str | int | None) -> str:
        """The address's query with these changes; starts at the first page unless one is given."""
        parameters = dict(self.kept()) | {name: str(value or "") for name, value in changed.items()}
        encoded = urlencode({name: value for name, value in parameters.items() if value})
        return f"?{encoded}" if encoded else ""


@dataclass(frozen=True)
class Filter:
    """One choice of a filter: its link, and how many titles it has."""

    value: str
    name: str
    search: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True)
class Row:
    """A title in the list. `page` and `run_page` are empty if there is none."""

    record: TitleRecord
    page: str
    run_page: str
    renditions: str


@dataclass(frozen=True)
class LibraryView:
    """The data for the library's template."""

    query: ShelfQuery
    rows: tuple[Row, ...]
    total: int
    state_filters: tuple[Filter, ...]
    type_filters: tuple[Filter, ...]
    content_types: tuple[str, ...]
    tables: str
    source_columns: str

    @classmethod
    def of(cls, services: Services, query: ShelfQuery) -> Self:
        """Raises CatalogUnavailable."""
        catalog = services.catalog
        counts = catalog.library.count_by_state(query.content_type, query.q)
        page = catalog.library.page(
            LibraryQuery(
                states=None if query.state is None else (query.state,),
                content_type=query.content_type,
                text=query.q,
                limit=PER_PAGE,
                offset=(query.page - 1) * PER_PAGE,
            )
        )
        tables = catalog.mapping.content_types
        return cls(
            query=query,
            rows=tuple(_row(services, record) for record in page.records),
            total=page.total,
            state_filters=_state_filters(query, counts),
            type_filters=_type_filters(query, list(tables)),
            content_types=tuple(tables),
            tables=" and ".join(table.table for table in tables.values()),
            source_columns=" or ".join(dict.fromkeys(table.columns.video_url for table in tables.values())),
        )

    @property
    def pages(self) -> int:
        """How many pages there are; 1 if there is no title."""
        return max(1, -(-self.total // PER_PAGE))

    @property
    def all_failed(self) -> bool:
        """Whether the query shows all failed titles, at most limited to one type."""
        return self.query.state == "failed" and not self.query.q and self.total > 0

    @property
    def previous(self) -> str:
        """The previous page's query; empty on the first page."""
        page = min(self.query.page, self.pages + 1) - 1
        return self.query.search(page=page) if page >= 1 else ""

    @property
    def next(self) -> str:
        """The next page's query; empty on the last page."""
        return self.query.search(page=self.query.page + 1) if self.query.page < self.pages else ""

    @property
    def summary(self) -> str:
        """For screen readers, when the list has changed."""
        found = f"{self.total} title" if self.total == 1 else f"{self.total} titles"
        return f"{found}, page {self.query.page} of {self.pages}" if self.pages > 1 else found


def renditions(variants: tuple[Variant, ...]) -> str:
    """The variants in brief: how many pictures, and their lowest and highest lines."""
    heights = sorted({int(height) for each in variants if (height := each.resolution.partition("x")[2])})
    if not heights:
        return ""
    if len(heights) == 1:
        return f"{heights[0]}p"
    return f"{len(variants)} · {heights[0]}–{heights[-1]}p"


def _row(services: Services, record: TitleRecord) -> Row:
    try:
        page = services.title_page(Title(record.content_type, record.content_id))
    except ConfigurationError:
        page = ""
    run_page = services.run_page(record.run_id) if record.run_id else ""
    return Row(record, page, run_page, renditions(record.variants))


def _state_filters(query: ShelfQuery, counts: dict[State, int]) -> tuple[Filter, ...]:
    return tuple(
        Filter(
            value=state or "",
            name=name,
            search=query.search(state=state),
            chosen=query.state == state,
            count=sum(counts.values()) if state is None else counts[state],
        )
        for state, name in _FILTER_NAMES.items()
    )


def _type_filters(query: ShelfQuery, content_types: list[str]) -> tuple[Filter, ...]:
    if len(content_types) < 2:
        return ()
    named = [
        (None, "All types"),
        *((each, f"{each}s".replace("_", " ").capitalize()) for each in content_types),
    ]
    return tuple(
        Filter(each or "", name, query.search(content_type=each), query.content_type == each)
        for each, name in named
    )
