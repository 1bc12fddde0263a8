"""Chambers: is each one really unattended or centrally controlled (definitions.md §2)?"""
