"""Preparation is decided field by field: patient, order, template, site (domain E)."""

from __future__ import annotations

import pytest

from scheduler.errors import Invalid
from scheduler.planning.prep_layers import Layers, checked, differing, stated
from scheduler.planning.preparation import PrepSet

TEMPLATE = PrepSet(fasting_solids_minutes=240, driver="required")


def layers(**given: dict[str, object]) -> Layers:
    empty: dict[str, dict[str, object]] = {"patient": {}, "order": {}, "site": {}}
    return Layers(**{**empty, "template": stated(TEMPLATE), **given})


def test_each_field_is_the_highest_hand_s_that_set_it() -> None:
    many = layers(
        patient={"fasting_solids_minutes": 0},
        order={"fasting_solids_minutes": 480, "limit_fluids_minutes": 60},
        site={"driver": "none", "arrive_early_minutes": 20, "limit_fluids_minutes": 120},
    )
    assert many.resolved() == PrepSet(
        fasting_solids_minutes=0, limit_fluids_minutes=60, driver="required",
        arrive_early_minutes=20,
    )  # fmt: skip
    sources = [many.source(one) for one in ("fasting_solids_minutes", "limit_fluids_minutes",
               "driver", "arrive_early_minutes", "hydrate")]  # fmt: skip
    assert sources == ["patient", "order", "template", "site", ""]


def test_a_page_can_show_what_holds_without_its_own_layer() -> None:
    many = layers(patient={"driver": "none"}, order={"driver": "recommended"})
    assert many.under("patient").resolved().driver == "recommended"
    assert many.under("order").resolved().driver == "required"
    assert differing(many.resolved(), many.under("patient").resolved()) == ("driver",)


@pytest.mark.parametrize(
    "layer",
    [
        {"fasting_solids_minutes": 2881},
        {"fasting_solids_minutes": True},
        {"driver": "maybe"},
        {"hydrate": 1},
        {"dose": 5},
    ],
)
def test_a_layer_with_what_is_no_rule_or_out_of_range_is_refused(layer: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        checked(layer)
