"""A small web application as sources, and ways to change it: what the impact of a change is tested on."""

from collections.abc import Iterable, Mapping
from textwrap import dedent

from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import GuardMove, ImpactAnswer

SHOP: Mapping[str, str] = {
    path: dedent(text).lstrip()
    for path, text in {
        "shop/__init__.py": "",
        "shop/main.py": """
            from fastapi import FastAPI
            from shop.api import items, users

            app = FastAPI()
            app.include_router(items.router)
            app.include_router(users.router)
            """,
        "shop/api/__init__.py": "",
        "shop/api/items.py": """
            from fastapi import APIRouter, Depends
            from shop.deps import require_admin
            from shop.pricing import price_of
            from shop.tasks import reindex

            router = APIRouter(prefix="/items")

            @router.get("/{id}")
            def read_item(id: int):
                return price_of(id)

            @router.put("/{id}")
            def update_item(id: int):
                reindex.delay(id)
                return None

            @router.delete("/{id}", dependencies=[Depends(require_admin)])
            def delete_item(id: int):
                return None
            """,
        "shop/api/users.py": """
            from fastapi import APIRouter, Depends
            from shop.deps import require_admin

            router = APIRouter(prefix="/users")

            @router.get("/", dependencies=[Depends(require_admin)])
            def list_users():
                return []
            """,
        "shop/deps.py": """
            from fastapi import Depends, HTTPException

            def current_user(token: str = ""):
                if not token:
                    raise HTTPException(status_code=401)
                return token

            def require_admin(user: str = Depends(current_user)):
                if user != "admin":
                    raise HTTPException(status_code=403)
            """,
        "shop/pricing.py": """
            RATE = 3

            def price_of(id):
                # the price of one
                price = id * RATE
                return round_up(price) if price > 5 else price

            def round_up(price):
                return price + 1
            """,
        "shop/tasks.py": """
            from celery import shared_task

            @shared_task
            def reindex(id):
                return index_of(id)

            def index_of(id):
                return id + 1
            """,
        "tests/test_items.py": """
            from unittest import mock
            from shop.api.items import read_item

            @mock.patch("shop.api.items.price_of")
            def test_item(price_of):
                assert read_item(1)
            """,
    }.items()
}


def shop_with(path: str, old: str, new: str, base: Mapping[str, str] = SHOP) -> dict[str, str]:
    """Return the application with one text replaced; the text must be there, or the test would test nothing."""
    if old not in base[path]:
        message = f"{path} does not hold {old!r}"
        raise ValueError(message)
    return {**base, path: base[path].replace(old, new)}


def with_edits(base: Mapping[str, str], edits: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return sources with texts replaced, each given as path, old and new; the old text must be there."""
    found = dict(base)
    for path, old, new in edits:
        found = shop_with(path, old, new, found)
    return found


def touched_by(
    head: Mapping[str, str | bytes], base: Mapping[str, str | bytes] = SHOP, asked: Asked | None = None
) -> ImpactAnswer:
    """Answer what it touches to go from one set of sources to another."""
    return answer_impact(view_sources(base), view_sources(head), asked or Asked())


def guard_moves(answer: ImpactAnswer) -> dict[str, str]:
    """Return the gravest thing that happened to the guards of each entry point; one that was added is none."""
    found: dict[str, str] = {}
    for each in answer.guards:
        if each.move is not GuardMove.ADDED:
            found.setdefault(each.entry.name, each.move.value)
    return found


_COMMENTS = {"py": "# word\n", "rb": "# word\n", "js": "// word\n", "ts": "// word\n", "java": "// word\n"}


def with_comments(base: Mapping[str, str]) -> dict[str, str]:
    """Return sources with a comment at the end of every file, which changes nothing."""
    return {path: text + _COMMENTS.get(path.rpartition(".")[2], "") for path, text in base.items()}
