"""A guard that is put under a condition, widened, or emptied from inside is seen; a way past it that was always there is not."""

from collections.abc import Mapping

import pytest

from release_harness.kernel.facts import Known, Unknown
from release_harness.steps.evidence.rules.impact import impact_facts
from release_harness.testing.shop import guard_moves, touched_by

DJANGO: Mapping[str, str] = {
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nMIDDLEWARE = ['django.middleware.csrf.CsrfViewMiddleware']\n",
    "site_/urls.py": "from django.conf import settings\nfrom django.contrib.auth.decorators import login_required\n"
    "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.a), path('b/', views.B.as_view())]\n",
    "shop/__init__.py": "",
    "shop/views.py": "from django.conf import settings\nfrom django.contrib.auth.decorators import login_required\n"
    "from django.contrib.auth.mixins import LoginRequiredMixin\nfrom django.views import View\nfrom django.views.generic import ListView\n"
    "from django.views.decorators.csrf import csrf_exempt\nfrom shop.wrap import conditional, plain\nimport other\n\n"
    "@login_required\ndef a(request): ...\n\nclass B(LoginRequiredMixin, View):\n    def get(self, request): ...\n"
    "    def post(self, request): ...\n",
    "shop/wrap.py": "from django.conf import settings\n\ndef conditional(decorator):\n    def wrap(view):\n"
    "        if settings.OPEN:\n            return view\n        return decorator(view)\n    return wrap\n\n"
    "def plain(decorator):\n    return lambda view: decorator(view)\n",
}
REST: Mapping[str, str] = {
    **DJANGO,
    "site_/urls.py": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('a/', views.A.as_view())]\n",
    "shop/permissions.py": "from django.conf import settings\nfrom rest_framework.permissions import BasePermission\n\n"
    "class IsOwner(BasePermission):\n    def has_permission(self, request, view):\n"
    "        return request.user.is_owner\n\nclass IsStaff(BasePermission):\n    def has_permission(self, request, view):\n"
    "        return request.user.is_staff\n",
    "shop/views.py": "from django.conf import settings\nfrom rest_framework.permissions import AllowAny\n"
    "from rest_framework.views import APIView\nfrom shop.permissions import IsOwner, IsStaff\n\nclass A(APIView):\n"
    "    permission_classes = [IsOwner]\n    def get(self, request): ...\n    def post(self, request): ...\n",
}
FASTAPI: Mapping[str, str] = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import Depends, FastAPI\nfrom app import items\nfrom app.config import PROD\n"
    "from app.deps import Keeper, anybody, current_user\n\napp = FastAPI()\n\napp.include_router(items.router)\n\n",
    "app/items.py": "from fastapi import APIRouter, Depends\nfrom app.config import PROD\nfrom app.deps import anybody, current_user, verified\n\n"
    "router = APIRouter()\n\n@router.get('/a', dependencies=[Depends(current_user)])\ndef a(): ...\n",
    "app/config.py": "import os\n\nPROD = os.environ.get('PROD')\n",
    "app/deps.py": "from fastapi import HTTPException\nfrom starlette.middleware.base import BaseHTTPMiddleware\n\n"
    "def current_user(token: str = ''):\n    if not token:\n        raise HTTPException(status_code=401)\n    return token\n\n"
    "def verified(token: str = ''):\n    return check(token)\n\ndef check(token):\n    if not token:\n        raise HTTPException(status_code=403)\n    return token\n\n"
    "def anybody(): ...\n\nclass Keeper(BaseHTTPMiddleware):\n    async def dispatch(self, request, call_next):\n"
    "        if not request.user:\n            raise HTTPException(status_code=401)\n        return await call_next(request)\n",
}


def changed(base: Mapping[str, str], path: str, *edits: tuple[str, str]) -> dict[str, str]:
    """Return the sources with texts of one file replaced; each text must be there."""
    text = base[path]
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return {**base, path: text}


VIEWS, URLS = "shop/views.py", "site_/urls.py"
A_GUARDED = "@login_required\ndef a(request): ..."


@pytest.mark.parametrize(
    ("path", "edits", "expected"),
    [
        (VIEWS, ((A_GUARDED, "def a(request): ...\nif settings.X:\n    a = login_required(a)"),), "weakened"),
        (VIEWS, ((A_GUARDED, "def a(request): ...\na = login_required(a) if settings.X else a"),), "weakened"),
        (VIEWS, ((A_GUARDED, "@conditional(login_required)\ndef a(request): ..."),), "weakened"),
        (VIEWS, ((A_GUARDED, "@other.apply_unless_open(login_required)\ndef a(request): ..."),), "weakened"),
        (VIEWS, ((A_GUARDED, "@other.applied(login_required)\ndef a(request): ..."),), "unknown"),
        (VIEWS, ((A_GUARDED, "@(login_required if settings.X else other.nothing)\ndef a(request): ..."),), "weakened"),
        (VIEWS, ((A_GUARDED, "@csrf_exempt\n@login_required\ndef a(request): ..."),), "weakened"),
        (VIEWS, ((A_GUARDED, "@plain(login_required)\ndef a(request): ..."),), None),
        (VIEWS, ((A_GUARDED, "def a(request): ...\na = login_required(a)"),), None),
        (VIEWS, ((A_GUARDED, "def a(request): ..."),), "weakened"),
        (URLS, (("path('a/', views.a)", "path('a/', login_required(views.a) if settings.X else views.a)"),), None),
    ],
)
def test_a_decorator_under_a_condition_is_weaker_than_one_without(
    path: str, edits: tuple[tuple[str, str], ...], expected: str | None
) -> None:
    """It lets everybody in on the day when somebody turns the setting round."""
    found = guard_moves(touched_by(changed(DJANGO, path, *edits), DJANGO))

    assert {name: move for name, move in found.items() if "/a/" in name} == ({"ANY /a/": expected} if expected else {})


def test_a_decorator_that_always_stood_under_the_condition_is_no_alarm() -> None:
    """What was a way past the guard before is none of this change."""
    base = changed(DJANGO, VIEWS, (A_GUARDED, "@conditional(login_required)\ndef a(request): ..."))

    assert (
        guard_moves(
            touched_by(changed(base, VIEWS, ("def get(self, request): ...", "def get(self, request): 1")), base)
        )
        == {}
    )
    assert guard_moves(touched_by(DJANGO, base)) == {}
    gone = guard_moves(touched_by(changed(base, VIEWS, ("@conditional(login_required)\n", "")), base))
    assert gone == {"ANY /a/": "weakened"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (("(LoginRequiredMixin, View)", "(View)"), "weakened"),
        (("(LoginRequiredMixin, View)", "(View, LoginRequiredMixin)"), "weakened"),
        (("B(LoginRequiredMixin, View)", "Mine(LoginRequiredMixin, View): ...\n\nclass B(ListView, Mine)"), None),
        (("class B(LoginRequiredMixin", "class Mine(LoginRequiredMixin): ...\n\nclass B(Mine"), None),
    ],
)
def test_a_mixin_that_goes_or_stands_behind_the_view_is_a_loss(edit: tuple[str, str], expected: str | None) -> None:
    """Behind the view its `dispatch` is never asked."""
    found = guard_moves(touched_by(changed(DJANGO, VIEWS, edit), DJANGO))

    assert found == ({"GET /b/": expected, "POST /b/": expected} if expected else {})


PERMISSIONS = "permission_classes = [IsOwner]"


@pytest.mark.parametrize(
    ("instead", "expected"),
    [
        ("permission_classes = [IsOwner] if settings.X else []", "weakened"),
        ("permission_classes = [IsOwner] if settings.X else [AllowAny]", "weakened"),
        ("permission_classes = [IsOwner] if settings.X else [IsStaff]", "unknown"),
        ("permission_classes = [IsOwner if settings.X else AllowAny]", "weakened"),
        ("permission_classes = [IsOwner]\n    if settings.X:\n        permission_classes = []", "weakened"),
        ("permission_classes = [IsOwner | IsStaff]", "weakened"),
        ("permission_classes = [IsOwner & IsStaff]", None),
        ("permission_classes = [IsOwner, AllowAny]", None),
        ("permission_classes = [IsOwner, IsStaff] if settings.X else [IsOwner]", None),
        ("permission_classes = [~IsOwner]", "unknown"),
        ("permission_classes = [AllowAny]", "weakened"),
        ("permission_classes = []", "weakened"),
        ("def get_permissions(self):\n        return [IsOwner()]", None),
        (
            "def get_permissions(self):\n        if settings.X:\n            return []\n        return [IsOwner()]",
            "weakened",
        ),
        ("def get_permissions(self):\n        return made(self)", "unknown"),
        ("permission_classes = [IsOwner]\n    authentication_classes = []", "weakened"),
    ],
)
def test_permission_classes_under_a_condition_are_weaker(instead: str, expected: str | None) -> None:
    """The branch without the class is a way in that was not there."""
    found = guard_moves(touched_by(changed(REST, VIEWS, (PERMISSIONS, instead)), REST))

    assert found == ({"GET /a/": expected, "POST /a/": expected} if expected else {})


def test_an_alternative_that_is_taken_away_is_stricter() -> None:
    """Who only needed one of two needs this one now."""
    base = changed(REST, VIEWS, (PERMISSIONS, "permission_classes = [IsOwner | IsStaff]"))

    assert guard_moves(touched_by(REST, base)) == {}


CHECK = "        return request.user.is_owner"
BODY = "shop/permissions.py"


@pytest.mark.parametrize(
    ("instead", "expected"),
    [
        ("        if settings.DEBUG:\n            return True\n        return request.user.is_owner", "weakened"),
        ("        return True", "weakened"),
        ("        if request.user.is_owner:\n            return True\n        return False", "changed"),
        ("        if not request.user.is_owner:\n            return False\n        return True", "changed"),
        ("        return request.user.is_owner and request.user.is_active", "changed"),
        ("        # the owner\n        return request.user.is_owner", None),
    ],
)
def test_a_permission_that_answers_yes_early_is_weakened_and_one_that_is_written_anew_is_changed(
    instead: str, expected: str | None
) -> None:
    """A yes that depends on nothing the class asked before is a way past it; anything else is for a person to read."""
    answer = touched_by(changed(REST, BODY, (CHECK, instead)), REST)

    assert guard_moves(answer) == ({"GET /a/": expected} if expected else {})
    assert all(each.because.endswith("; 1 more entry point stands behind it") for each in answer.guards)
    said = "".join(each.because for each in answer.guards)
    assert ("lets everybody in (" in said) == (instead == "        return True")
    assert ("lets callers in where settings.DEBUG (" in said) == ("DEBUG" in instead)
    kept = impact_facts(answer)["guards.kept"]
    assert isinstance(kept, Known)
    assert kept.value is (expected != "weakened")


def test_permissions_that_are_computed_and_change_are_not_said_to_be_kept() -> None:
    """Nobody can read which classes a method gives, and it gives others now."""
    method = "def get_permissions(self):\n        return made({})"
    base = changed(REST, VIEWS, (PERMISSIONS, method.format("self")))
    answer = touched_by(changed(REST, VIEWS, (PERMISSIONS, method.format("None"))), base)

    assert guard_moves(answer) == {"GET /a/": "unknown"}
    assert isinstance(impact_facts(answer)["guards.kept"], Unknown)


ITEMS, MAIN, DEPS = "app/items.py", "app/main.py", "app/deps.py"
LISTED = "dependencies=[Depends(current_user)]"
INCLUDED = "app.include_router(items.router)"


@pytest.mark.parametrize(
    ("path", "edit", "expected"),
    [
        (ITEMS, (LISTED, f"{LISTED} if PROD else []"), "weakened"),
        (ITEMS, (LISTED, "dependencies=[Depends(current_user if PROD else anybody)]"), "unknown"),
        (ITEMS, (LISTED, "dependencies=[Depends(current_user), *more()]"), None),
        (ITEMS, (f", {LISTED})\ndef a()", ")\ndef a(user=Depends(current_user) if PROD else None)"), "weakened"),
        (ITEMS, ("router = APIRouter()", f"router = APIRouter({LISTED})"), None),
        (
            ITEMS,
            (f"router = APIRouter()\n\n@router.get('/a', {LISTED})", (f"deps = []\nif PROD:\n    {LISTED.replace('dependencies', 'deps')}\n"
             "router = APIRouter(dependencies=deps)\n\n@router.get('/a')")),
            "weakened",
        ),
    ],
)  # fmt: skip
def test_a_dependency_under_a_condition_is_weaker(path: str, edit: tuple[str, str], expected: str | None) -> None:
    """Lists that are empty outside of production are empty wherever the setting is forgotten."""
    found = guard_moves(touched_by(changed(FASTAPI, path, edit), FASTAPI))

    assert found == ({"GET /a": expected} if expected else {})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (f"app.include_router(items.router, {LISTED})", f"if PROD:\n    app.include_router(items.router, {LISTED})\nelse:\n    {INCLUDED}", "weakened"),
        (f"app.add_middleware(Keeper)\n{INCLUDED}", f"if PROD:\n    app.add_middleware(Keeper)\n{INCLUDED}", "weakened"),
        (f"app.add_middleware(Keeper)\n{INCLUDED}", INCLUDED, "weakened"),
        (f"if PROD:\n    app.add_middleware(Keeper)\n{INCLUDED}", f"app.add_middleware(Keeper)\n{INCLUDED}", None),
    ],
)  # fmt: skip
def test_what_stands_before_a_whole_application_under_a_condition_is_weaker(
    before: str, after: str, expected: str | None
) -> None:
    """One line of the start-up decides for every route."""
    bare = changed(FASTAPI, ITEMS, (f", {LISTED}", ", dependencies=[Depends(verified)]"))
    base, head = changed(bare, MAIN, (INCLUDED, before)), changed(bare, MAIN, (INCLUDED, after))

    assert guard_moves(touched_by(head, base)) == ({"GET /a": expected} if expected else {})


def test_a_guard_whose_own_code_changed_is_told_as_changed_and_nothing_more_is_claimed() -> None:
    """The name before the route is the same; what it lets through may not be, and that is for a person to say."""
    edit = ("    return token\n\ndef verified", "    return token.strip()\n\ndef verified")
    answer = touched_by(changed(FASTAPI, DEPS, edit), FASTAPI)
    facts = impact_facts(answer)

    assert guard_moves(answer) == {"GET /a": "changed"}
    assert "its own code changed" in answer.guards[0].because
    assert facts["guards.kept"] == Known(value=True, source="computed here")
    assert facts["guards.changed_count"] == Known(value=1, source="computed here")
    found = facts["impact.found"]
    assert isinstance(found, Known)
    assert found.value == ("guard-changed",)


@pytest.mark.parametrize(("guard", "code"), [("current_user", 401), ("verified", 403)])
def test_a_guard_that_is_not_seen_to_refuse_anybody_any_more_is_not_kept(guard: str, code: int) -> None:
    """Emptied from inside it keeps its name, and nobody can tell that it still keeps somebody out."""
    base = changed(FASTAPI, ITEMS, (LISTED, "")) if guard == "verified" else FASTAPI
    if guard == "verified":
        base = changed(base, ITEMS, ("def a()", "def a(user=Depends(verified))"))
    edit = (f"    if not token:\n        raise HTTPException(status_code={code})\n", "")
    answer = touched_by(changed(base, DEPS, edit), base)
    facts = impact_facts(answer)

    assert guard_moves(answer) == {"GET /a": "unknown"}
    assert "nothing in it is seen to refuse" in answer.guards[0].because
    assert isinstance(facts["guards.kept"], Unknown)
    found = facts["impact.found"]
    assert isinstance(found, Known)
    assert found.value == ("guard-unclear",)


@pytest.mark.parametrize("condition", ["", " if PROD else []"])
def test_a_guard_under_a_condition_that_asks_for_something_else_is_told_like_any_other(condition: str) -> None:
    """The condition is the same as before, and what stands under it is not."""
    asking = f"dependencies=[Security(current_user, scopes=['admin'])]{condition}"
    base = changed(
        FASTAPI,
        ITEMS,
        (LISTED, asking),
        ("from fastapi import", "from app.config import PROD\nfrom fastapi import Security,"),
    )
    head = changed(base, ITEMS, ("scopes=['admin']", "scopes=[]"))

    assert guard_moves(touched_by(head, base)) == {"GET /a": "unknown"}
    assert guard_moves(touched_by(changed(base, ITEMS, ("def a(", "def  a(")), base)) == {}
