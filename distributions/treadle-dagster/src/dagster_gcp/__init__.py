"""Hands over to Treadle."""

from treadle_dagster import take_the_place_of

take_the_place_of(__name__)
