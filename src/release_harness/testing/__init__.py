"""Shipped fakes of every port and builders, for testing policies and steps."""
