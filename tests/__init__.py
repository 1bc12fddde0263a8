"""Tests: unit, wire, integration, browser, e2e and architecture."""
