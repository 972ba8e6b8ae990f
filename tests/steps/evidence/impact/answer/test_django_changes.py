"""What a change of a Django site touches: its own views, and none that a library answers."""

from release_harness.steps.evidence.impact.answer.whole import Asked, answer_impact
from release_harness.steps.evidence.impact.sides import view_sources
from release_harness.steps.evidence.model.impact import ImpactAnswer, Label

SITE = {
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nINSTALLED_APPS = ['shop']\n",
    "site_/urls.py": "from django.urls import include, path\nfrom allauth.account import views as accounts\n"
    "from rest_framework.routers import DefaultRouter\nfrom shop.views import Items\n"
    "router = DefaultRouter()\nrouter.register('items', Items)\n"
    "urlpatterns = [path('api/', include(router.urls)), path('login/', accounts.login)]\n",
    "shop/__init__.py": "",
    "shop/pricing.py": "def price():\n    return 1\n",
    "shop/serial.py": "def shape():\n    return price()\nfrom shop.pricing import price\n",
    "shop/views.py": "from rest_framework.viewsets import ModelViewSet\nfrom rest_framework.decorators import action\n"
    "from shop.pricing import price\nfrom shop.serial import shape\nclass Items(ModelViewSet):\n"
    "    @action(detail=True)\n    def cost(self, request):\n        return price()\n",
}

CHEAP = (
    "from rest_framework.filters import BaseFilterBackend\nclass Cheap(BaseFilterBackend):\n"
    "    def filter_queryset(self, request, queryset, view):\n        return queryset.filter(price__lt=queryset.count() < 1)\n"
)


def touched(changed: dict[str, str], before: dict[str, str] = SITE) -> ImpactAnswer:
    """Return what a change of the site touches."""
    return answer_impact(view_sources(before), view_sources({**before, **changed}), Asked())


def names(answer: ImpactAnswer) -> set[str]:
    """Return the names of all affected entry points, also of those that only may be."""
    return {each.entry.name for each in answer.affected}


def test_a_view_of_a_library_runs_nothing_that_the_list_of_urls_mentions() -> None:
    """A login page that a library answers stood among the entry points of every change of a viewset."""
    assert "ANY /login/" not in names(touched({"shop/pricing.py": "def price():\n    return 2\n"}))


def test_the_routes_of_a_viewset_do_not_run_its_extra_actions() -> None:
    """Deleting an item does not run the action that tells its price, though both are methods of one class."""
    assert names(touched({"shop/pricing.py": "def price():\n    return 2\n"})) == {"GET /api/items/<pk>/cost/"}


def test_a_hook_behind_an_extra_action_still_leads_to_the_routes_of_the_viewset() -> None:
    """A nearer way through an action of its own must not hide the way through a hook that the library does call."""
    hooked = SITE["shop/views.py"] + "    def get_serializer(self):\n        return shape()\n"
    answer = touched({"shop/pricing.py": "def price():\n    return 2\n"}, {**SITE, "shop/views.py": hooked})
    assert "DELETE /api/items/<pk>/" in names(answer)


def test_a_route_that_goes_on_in_the_library_runs_what_the_class_holds_for_it() -> None:
    """A slow filter was mended for lists, and the lists were missing, since each of them only annotates and calls `super`."""
    own = "    filter_backends = (Cheap,)\n    def list(self, request):\n        return super().list(request)\n"
    views = "from shop.filters import Cheap\n" + SITE["shop/views.py"] + own
    before = {**SITE, "shop/views.py": views, "shop/filters.py": CHEAP}
    answer = touched({"shop/filters.py": CHEAP.replace("< 1", "< 2")}, before)
    assert "GET /api/items/" in names(answer)


def test_a_route_that_goes_on_in_the_library_runs_no_extra_action_of_its_class() -> None:
    """The library calls an action by its own address alone."""
    own = SITE["shop/views.py"] + "    def list(self, request):\n        return super().list(request)\n"
    answer = touched({"shop/pricing.py": "def price():\n    return 2\n"}, {**SITE, "shop/views.py": own})
    assert names(answer) == {"GET /api/items/<pk>/cost/"}


def test_a_part_of_an_extra_action_is_run_by_that_action_alone() -> None:
    """A class whose library answers runs its hooks; a method that only an action calls is none of them."""
    own = (
        SITE["shop/views.py"].replace("return price()", "return self.sum_up()")
        + "    def sum_up(self):\n        return price()\n"
    )
    answer = touched({"shop/pricing.py": "def price():\n    return 2\n"}, {**SITE, "shop/views.py": own})
    assert names(answer) == {"GET /api/items/<pk>/cost/"}


def test_what_a_schema_is_described_with_is_run_by_nobody() -> None:
    """A serializer of one action stands in the description of the whole class."""
    own = SITE["shop/views.py"].replace(
        "class Items", "from drf_spectacular.utils import extend_schema, extend_schema_view\n"
        "@extend_schema_view(cost=extend_schema(request=price))\nclass Items",
    )  # fmt: skip
    answer = touched({"shop/pricing.py": "def price():\n    return 2\n"}, {**SITE, "shop/views.py": own})
    assert {each.entry.name for each in answer.affected if each.label is Label.RESOLVED} == {
        "GET /api/items/<pk>/cost/"
    }
