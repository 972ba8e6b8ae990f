"""Django with REST framework: URLs from the settings down, views, permissions, and what stands around."""

from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.entries.django import DjangoFramework
from release_harness.steps.evidence.impact.entries.registry import discover
from release_harness.steps.evidence.impact.link import link_sources
from release_harness.steps.evidence.model.impact import EntryPoint

SETTINGS = (
    "ROOT_URLCONF = 'site_.urls'\nMIDDLEWARE = ['django.middleware.csrf.CsrfViewMiddleware', 'site_.mw.Timing']\n"
)


def read(sources: dict[str, str]) -> Discovery:
    """Return what the adapter finds; settings are there unless given."""
    frameworks = (DjangoFramework(),)
    whole = {"site_/settings.py": SETTINGS, "site_/__init__.py": "", **sources}
    (found,) = discover(link_sources(whole, frameworks), frameworks) or (Discovery(framework="Django"),)
    return found


def entries(sources: dict[str, str]) -> dict[str, EntryPoint]:
    """Return the entries by their names."""
    return {each.name: each for each in read(sources).entries}


def guards(entry: EntryPoint) -> list[str]:
    """Return the names of the guards, without the middleware of the settings."""
    return [each.name for each in entry.guards if each.name != "CsrfViewMiddleware"]


URLS = "from django.urls import path, re_path, include\nfrom shop import views\n"


def test_urls_are_walked_from_the_root_through_includes() -> None:
    """A module of URLs counts only when the root leads to it."""
    found = entries(
        {
            "site_/urls.py": URLS + "api = [path('v1/', include('shop.urls'))]\n"
            "urlpatterns = [path('api/', include((api, 'api'), namespace='api'))]\n"
            "urlpatterns += [re_path(r'^ping/$', views.ping)]\n",
            "shop/__init__.py": "",
            "shop/urls.py": "from django.urls import path\nfrom . import views\nurlpatterns = [path('carts/<int:pk>/', views.cart)]\n",
            "lost/urls.py": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('lost/', views.cart)]\n",
            "shop/views.py": "def cart(request, pk): ...\ndef ping(request): ...\n",
        }
    )
    assert found["ANY /api/v1/carts/<int:pk>/"].handler == "shop/views.py:cart"
    assert found["ANY /ping/"].mounted is True
    assert found["ANY /lost/"].mounted is False


def test_class_based_views_answer_by_their_methods_and_are_guarded_by_mixins_and_decorators() -> None:
    """Django guards views in five different places; each of them has to be seen."""
    found = entries(
        {
            "site_/urls.py": URLS + "from django.contrib.auth.decorators import login_required\n"
            "urlpatterns = [path('a/', login_required(views.A.as_view())), path('b/', views.B.as_view()), path('c/', views.C.as_view()),\n"
            "  path('d/', views.d), path('e/', views.E.as_view())]\n",
            "shop/__init__.py": "",
            "shop/views.py": "from django.views import View\nfrom django.views.generic import ListView\n"
            "from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin\n"
            "from django.contrib.auth.decorators import login_required, permission_required\n"
            "from django.utils.decorators import method_decorator\nfrom django.views.decorators.http import require_POST\n"
            "class Base(View):\n    def get(self, r): ...\n"
            "class A(Base):\n    def post(self, r): ...\n"
            "class B(PermissionRequiredMixin, ListView):\n    permission_required = 'shop.view'\n"
            "@method_decorator(login_required, name='dispatch')\nclass C(Base): ...\n"
            "@permission_required('shop.d')\n@require_POST\ndef d(r): ...\n"
            "class E(LoginRequiredMixin, View):\n    def delete(self, r): ...\n",
        }
    )
    assert found["GET /a/"].handler == "shop/views.py:Base.get"
    assert found["GET /a/"].receiver == "shop/views.py:A"
    assert guards(found["POST /a/"]) == ["login_required"]
    assert guards(found["GET /b/"]) == ['PermissionRequiredMixin("shop.view")']
    assert guards(found["GET /c/"]) == ["login_required"]
    assert guards(found["POST /d/"]) == ['permission_required("shop.d")']
    assert guards(found["DELETE /e/"]) == ["LoginRequiredMixin"]


REST = (
    "from rest_framework import viewsets, permissions\nfrom rest_framework.views import APIView\n"
    "from rest_framework.decorators import action, api_view, permission_classes\n"
)


def test_viewsets_are_reached_through_routers_with_their_extra_actions() -> None:
    """A router names no URL in the source; its routes still have to be known."""
    found = entries(
        {
            "site_/urls.py": URLS + "from rest_framework.routers import DefaultRouter\nrouter = DefaultRouter()\n"
            "router.register('items', views.Items)\nurlpatterns = [path('api/', include(router.urls))]\n",
            "shop/__init__.py": "",
            "shop/views.py": REST
            + "class Items(viewsets.ReadOnlyModelViewSet):\n    permission_classes = [permissions.IsAuthenticated]\n"
            "    lookup_field = 'slug'\n    def retrieve(self, r, slug): ...\n"
            "    @action(detail=True, methods=['post'], url_path='pay-now', permission_classes=[permissions.AllowAny])\n"
            "    def pay(self, r, slug): ...\n",
        }
    )
    assert set(found) == {"GET /api/items/", "GET /api/items/<slug>/", "POST /api/items/<slug>/pay-now/"}
    assert found["GET /api/items/<slug>/"].handler == "shop/views.py:Items.retrieve"
    assert found["GET /api/items/"].handler == "shop/views.py:Items"
    assert guards(found["GET /api/items/"]) == ["permissions.IsAuthenticated"]
    assert [
        each.weak for each in found["POST /api/items/<slug>/pay-now/"].guards if each.source == "permission class"
    ] == [True]


def test_default_permissions_stand_where_a_view_says_none() -> None:
    """Dropping the default opens every view that relies on it."""
    found = entries(
        {
            "site_/settings.py": SETTINGS
            + "REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAdminUser']}\n",
            "site_/urls.py": URLS
            + "urlpatterns = [path('a/', views.A.as_view()), path('b/', views.b), path('c/', views.C.as_view())]\n",
            "shop/__init__.py": "",
            "shop/views.py": REST + "class A(APIView):\n    def get(self, r): ...\n"
            "@api_view(['PUT'])\n@permission_classes([permissions.IsAuthenticated])\ndef b(r): ...\n"
            "class C(APIView):\n    def get(self, r): ...\n    def get_permissions(self):\n        return super().get_permissions()\n",
        }
    )
    assert [(each.name, each.source) for each in found["GET /a/"].guards][-1] == ("IsAdminUser", "settings")
    assert guards(found["PUT /b/"]) == ["permissions.IsAuthenticated"]
    assert found["GET /c/"].guards_known is False


def test_middleware_of_the_settings_stands_around_and_guards() -> None:
    """Settings name code by text; the code is run on every request all the same."""
    found = read(
        {
            "site_/urls.py": URLS + "urlpatterns = [path('', views.home)]\n",
            "site_/mw.py": "class Timing:\n    def __init__(self, g): ...\n    def __call__(self, r): ...\n",
            "shop/__init__.py": "",
            "shop/views.py": "def home(r): ...\n",
        }
    )
    assert ("site_/mw.py:Timing.__call__", "middleware") in {(each.symbol, each.reason) for each in found.around}
    assert [(each.name, each.source) for each in found.entries[0].guards] == [("CsrfViewMiddleware", "middleware")]


def test_admin_pages_and_commands_are_entry_points() -> None:
    """People and jobs come in through them, past every URL."""
    found = entries(
        {
            "site_/urls.py": "from django.contrib import admin\nfrom django.urls import path\nurlpatterns = [path('admin/', admin.site.urls)]\n",
            "shop/__init__.py": "",
            "shop/admin.py": "from django.contrib import admin\nfrom shop.models import Cart\n@admin.register(Cart)\nclass CartAdmin(admin.ModelAdmin): ...\n",
            "shop/management/commands/purge.py": "from django.core.management.base import BaseCommand\n"
            "class Command(BaseCommand):\n    def handle(self, *a, **k): ...\n",
        }
    )
    assert found["Cart"].mounted is True
    assert found["manage.py purge"].handler == "shop/management/commands/purge.py:Command.handle"


def test_an_unreadable_include_makes_the_rest_unknown() -> None:
    """A list that is put together at run time may hold any of the others."""
    found = entries(
        {
            "site_/urls.py": URLS + "urlpatterns = [path('', include(load_plugins()))]\n",
            "lost/urls.py": "from django.urls import path\nfrom shop import views\nurlpatterns = [path('lost/', views.cart)]\n",
            "shop/__init__.py": "",
            "shop/views.py": "def cart(request): ...\n",
        }
    )
    assert found["ANY /lost/"].mounted is None
