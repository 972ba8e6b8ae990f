"""Ordering, and looking at what was ordered."""

from http import HTTPStatus

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from shop.orders import UnknownProductError, orders_of, place_order
from shop.pages.accounts import login_required

pages = Blueprint("orders", __name__)


@pages.post("/orders")
@login_required
def order() -> ResponseReturnValue:
    """Place an order."""
    asked = request.get_json()
    try:
        number = place_order(current_app.config["STORE"], g.user_name, asked["lines"])
    except UnknownProductError as error:
        return {"error": f"we do not sell {error}"}, HTTPStatus.BAD_REQUEST
    return {"order": number}, HTTPStatus.CREATED


@pages.get("/orders")
@login_required
def list_orders() -> ResponseReturnValue:
    """Show what this customer has ordered."""
    return {"orders": orders_of(current_app.config["STORE"], g.user_name)}
