"""Infrascale's SOAP services over the world, from the vendor's public pages."""

from connectors.sandbox.infrascale.app import create_app

__all__ = ["create_app"]
