"""What the shop sells."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from shop.orders import PRICES_CENTS

pages = Blueprint("catalogue", __name__)


@pages.get("/products")
def products() -> ResponseReturnValue:
    """Show every product with its price."""
    return dict(PRICES_CENTS)
